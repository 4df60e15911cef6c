// The guest's page shows a start as free where the hub would find tables: both are held against one list of cases.
import { expect, test } from "vitest";
import cases from "../../../../../tests/pure/choice_cases/free.json";
import { MINUTE } from "../../lib/time/zone.ts";
import { offersOf, type Room } from "./free.ts";

const at = (clock: string) => Date.parse(`${cases.date}T${clock}:00Z`);
const room: Room = {
  tables: Object.entries(cases.tables).map(([id, seats]) => ({ id: Number(id), name: `T${id}`, seats })),
  combinations: cases.combinations,
};
const taken = new Map(
  Object.entries(cases.taken).map(([id, spans]) => [
    Number(id),
    spans.map(([start = "", end = ""]) => ({ start: at(start), end: at(end) })),
  ]),
);

test.each(cases.rows)("$guests guests, oversize $oversize", ({ guests, oversize, units }) => {
  const party = { guests, oversize, turn: cases.minutes * MINUTE, table: null, own: null };
  const offers = offersOf(cases.starts.map(at), { room, taken }, party);
  expect(offers.map(({ isFree }) => isFree)).toEqual(units.map((unit) => unit !== null));
});
