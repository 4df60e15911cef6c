// When the restaurant is open: today, or on its next open day. Pure.
import type { components } from "../../generated/rest.ts";
import { type ShiftTimes, shiftsOn } from "../../lib/time/shifts.ts";
import { wallOf } from "../../lib/time/zone.ts";

export interface Opening {
  date: string;
  isToday: boolean;
  /** All of that day, by time, those that are over too. */
  shifts: ShiftTimes[];
}

/** The first day that is told of which a shift is not over at `at`; null: no such day is told. A night that goes on past
 * midnight is today's until it ends. */
export function nextOpening(told: components["schemas"]["Shift"][], zone: string, at: number): Opening | null {
  for (const date of new Set(told.map((shift) => shift.date))) {
    const shifts = shiftsOn(told, zone, date);
    if (!shifts.some(({ closes }) => at < closes)) continue;
    return { date, shifts, isToday: date === wallOf(zone, at).date || shifts.some(({ opens }) => opens <= at) };
  }
  return null;
}

/** Whether it opens when the clock shows the time at which it closes: it is open all day. */
export const isAllDay = (zone: string, { opens, closes }: ShiftTimes): boolean =>
  wallOf(zone, opens).time === wallOf(zone, closes).time;
