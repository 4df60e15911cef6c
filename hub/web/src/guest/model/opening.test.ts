import { expect, test } from "vitest";
import { localText } from "../../lib/time/zone.ts";
import { nextOpen } from "./opening.ts";

const LISBON = "Europe/Lisbon";
const shift = (date: string, opens: string, closes: string) => ({
  ...{ date, id: 1, name: "Any", opens: `${date}T${opens}:00+00:00` },
  ...{ last_seating: `${date}T${opens}:00+00:00`, closes: `${closes}:00+00:00` },
});
const TOLD = [
  shift("2026-11-27", "18:00", "2026-11-28T02:00"),
  shift("2026-11-28", "18:00", "2026-11-29T02:00"),
  shift("2026-11-28", "12:00", "2026-11-28T15:00"),
  shift("2026-11-30", "18:00", "2026-11-30T23:00"),
];
const found = (day: string, at: string) =>
  nextOpen(TOLD, LISBON, day, Date.parse(at)).map(({ opens }) => localText(LISBON, opens).slice(5, 16));

test("a day that is on has all its shifts in their order until the last one is over", () => {
  for (const at of ["2026-11-28T07:00Z", "2026-11-28T16:00Z", "2026-11-29T01:59Z"])
    expect(found("2026-11-28", at)).toEqual(["11-28T12:00", "11-28T18:00"]);
});

test("after it, and on a closed day, the next open day is named", () => {
  for (const day of ["2026-11-28", "2026-11-29"]) expect(found(day, "2026-11-29T02:00Z")).toEqual(["11-30T18:00"]);
});

test("a day that is past is not named, and nothing where no day is open", () => {
  expect(found("2026-11-28", "2026-11-28T01:00Z")).toEqual(["11-28T12:00", "11-28T18:00"]);
  expect(found("2026-12-01", "2026-12-01T09:00Z")).toEqual([]);
});
