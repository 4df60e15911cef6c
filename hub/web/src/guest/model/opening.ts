// When the restaurant is open next: what is left of the service day that is on, or its next open day. Pure.
import type { components } from "../../generated/rest.ts";
import { type ShiftTimes, shiftsOn } from "../../lib/time/shifts.ts";

/** The shifts of the first service day, from `day` on, of which one is not over at `at`; [] where none is told. */
export function nextOpen(told: components["schemas"]["Shift"][], zone: string, day: string, at: number): ShiftTimes[] {
  const days = [...new Set(told.map(({ date }) => date))].filter((date) => date >= day).sort();
  const open = days
    .map((date) => shiftsOn(told, zone, date))
    .find((shifts) => shifts.some(({ closes }) => at < closes));
  return open?.toSorted((a, b) => a.opens - b.opens) ?? [];
}
