// The stand offers a party the tables that the hub would choose: both are held against one list of cases.
import { expect, test } from "vitest";
import cases from "../../../../../tests/pure/choice_cases/free.json";
import { MINUTE } from "../../lib/time/zone.ts";
import { freeUnits, type Taken } from "./free.ts";
import type { Room } from "./types.ts";

const at = (clock: string) => Date.parse(`${cases.date}T${clock}:00Z`);
const room: Room = {
  areas: new Map(),
  combinations: cases.combinations.map((each) => ({ ...each, name: "" })),
  tables: new Map(
    Object.entries(cases.tables).map(([id, seats]) => [
      Number(id),
      { id: Number(id), name: `T${id}`, seats, areaId: null, place: null },
    ]),
  ),
};
const taken = Object.entries(cases.taken).flatMap(([id, spans]) =>
  spans.map(
    ([start = "", end = ""]): Taken => ({
      ...{ start: at(start), end: at(end), tables: [Number(id)], by: { kind: "booking", id: 1 } },
    }),
  ),
);

test.each(cases.rows.filter(({ oversize }) => oversize === null))("$guests guests", ({ guests, units }) => {
  const found = cases.starts.map((start) => {
    const span = { start: at(start), end: at(start) + cases.minutes * MINUTE };
    return freeUnits(room, taken, guests, span)[0]?.tables ?? null;
  });
  expect(found).toEqual(units);
});
