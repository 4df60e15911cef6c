import { expect, test } from "vitest";
import { isAllDay, nextOpening } from "./opening.ts";

const LISBON = "Europe/Lisbon";
const shift = (date: string, opens: string, closes: string) => ({
  ...{ date, id: 1, name: "Any", opens: `${date}T${opens}:00+00:00` },
  ...{ last_seating: `${date}T${opens}:00+00:00`, closes: `${closes}:00+00:00` },
});
const TOLD = [
  shift("2026-11-27", "18:00", "2026-11-28T02:00"),
  shift("2026-11-28", "12:00", "2026-11-28T15:00"),
  shift("2026-11-28", "18:00", "2026-11-29T02:00"),
  shift("2026-11-30", "18:00", "2026-11-30T23:00"),
];
const found = (at: string) => {
  const next = nextOpening(TOLD, LISBON, Date.parse(at));
  return next && [next.date, next.isToday, next.shifts.length];
};

test("a day is today from midnight until its last shift is over, past the next midnight too", () => {
  for (const at of ["2026-11-28T02:00Z", "2026-11-28T16:00Z", "2026-11-28T23:00Z", "2026-11-29T01:59Z"])
    expect(found(at)).toEqual(["2026-11-28", true, 2]);
  expect(found("2026-11-28T01:59Z")).toEqual(["2026-11-27", true, 1]);
});

test("after it, and on a closed day, the next open day is named", () => {
  for (const at of ["2026-11-29T02:00Z", "2026-11-29T23:59Z"]) expect(found(at)).toEqual(["2026-11-30", false, 1]);
  expect(found("2026-11-30T00:00Z")).toEqual(["2026-11-30", true, 1]);
});

test("nothing is said where no day that is told is still to come", () => {
  expect(found("2026-11-30T23:00Z")).toBeNull();
});

test("it is open all day where it closes when it opens, also on a day that is an hour shorter", () => {
  const on = (opens: string, closes: string) =>
    isAllDay(LISBON, { date: "", name: "", opens: Date.parse(opens), lastSeating: 0, closes: Date.parse(closes) });
  expect(on("2026-11-28T00:00Z", "2026-11-29T00:00Z")).toBe(true);
  expect(on("2027-03-28T00:00Z", "2027-03-28T23:00Z")).toBe(true);
  expect(on("2026-11-28T00:00Z", "2026-11-28T23:00Z")).toBe(false);
});
