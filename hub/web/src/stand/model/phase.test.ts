// What the clock makes of a booking, and of a block.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isShut, phaseOf, spanOf, stayOf } from "./phase.ts";
import { booking, clock } from "./tests/scene.ts";
import type { Booking } from "./types.ts";

interface Phases {
  start: string;
  end: string;
  cases: { status: Booking["status"]; now: string; phase: string }[];
  stays: ({ said: string; from: string; until: string } & Record<"arrived" | "seated" | "left", string | null>)[];
}

/** What the hub's paper says is held against the same. */
const phases: Phases = JSON.parse(
  readFileSync(new URL("../../../../../tests/pure/stand_cases/phases.json", import.meta.url), "utf8"),
);
const block = { id: 9, tables: [3], start: clock("19:00"), end: clock("20:00"), reason: "leg broken" };

test.each(phases.cases)("who is $status is at $now $phase", ({ status, now, phase }) => {
  const planned = { start: Date.parse(phases.start), end: Date.parse(phases.end) };
  expect(phaseOf(booking(1, "19:00", { ...planned, status }), Date.parse(now))).toBe(phase);
});

test.each(phases.stays)("who $said was there $from to $until", (each) => {
  const utc = (time: string | null) => (time === null ? null : Date.parse(`${phases.start.slice(0, 10)}T${time}:00Z`));
  const planned = { start: Date.parse(phases.start), end: Date.parse(phases.end) };
  const came = { arrivedAt: utc(each.arrived), seatedAt: utc(each.seated), leftAt: utc(each.left) };
  const party = booking(1, "19:00", { ...planned, ...came, status: came.leftAt ? "finished" : "booked" });
  expect(stayOf(party)).toEqual({ start: utc(each.from), end: utc(each.until) });
  const bar = spanOf(party, planned.end);
  expect(bar.start).toBe(utc(each.from));
  expect(bar.end).toBeGreaterThan(bar.start);
});

test("a block is shut until it ends, and not any more", () => {
  expect(["18:00", "19:59", "20:00"].map((at) => isShut(block, clock(at)))).toEqual([true, true, false]);
  expect(isShut(undefined, clock("18:00"))).toBe(false);
});
