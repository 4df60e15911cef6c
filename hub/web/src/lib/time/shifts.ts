// The periods of service of a day, with instants as ms since 1970. Pure.
import type { components } from "../../generated/rest.ts";
import { DAY, instantOf, instantsOf, localText, shiftDate, wallOf } from "./zone.ts";

export interface ShiftTimes {
  date: string;
  name: string;
  opens: number;
  lastSeating: number;
  closes: number;
}

/** The shifts of a day. The hub tells the next seven days; a later day is taken to be like the same weekday. */
export function shiftsOn(told: components["schemas"]["Shift"][], zone: string, day: string): ShiftTimes[] {
  const weekday = (text: string) => new Date(`${text}T00:00:00Z`).getUTCDay();
  const exact = told.filter(({ date }) => date === day);
  const like = exact.length > 0 ? exact : told.filter(({ date }) => weekday(date) === weekday(day));
  return like.map((shift) => {
    const onDay = (text: string) => {
      if (shift.date === day) return Date.parse(text);
      // The same time on the clock: it may be another length of time from midnight where the clocks are set.
      const wall = wallOf(zone, Date.parse(text));
      const after = Math.round((Date.parse(wall.date) - Date.parse(shift.date)) / DAY);
      return instantOf(zone, shiftDate(day, after), wall.time);
    };
    return {
      ...{ date: day, name: shift.name, opens: onDay(shift.opens) },
      ...{ lastSeating: onDay(shift.last_seating), closes: onDay(shift.closes) },
    };
  });
}

/** The instants of a wall time on a service day, which may go on past midnight: those within its shifts, or of its date;
 * two of a time that the clock shows twice. */
export function onServiceDay(
  zone: string,
  day: string,
  time: string,
  shifts: { opens: number; closes: number }[],
): number[] {
  const [own, next] = [day, shiftDate(day, 1)].map((date) => instantsOf(zone, date, time)) as [number[], number[]];
  const isWithin = (at: number) => shifts.some(({ opens, closes }) => opens <= at && at <= closes);
  return next.some(isWithin) && !own.some(isWithin) ? next : own;
}

/** Whether this is on a service day or in the night after it: before the clock shows again when its first shift opens. */
export function endsOnDay(zone: string, end: number, shifts: { opens: number }[]): boolean {
  const opens = wallOf(zone, Math.min(...shifts.map((shift) => shift.opens)));
  return end <= instantOf(zone, shiftDate(opens.date, 1), opens.time);
}

/** Whether the clock shows this time for the first time on its date, and not once more after it was set back. */
export function isFirst(zone: string, at: number): boolean {
  const { date, time } = wallOf(zone, at);
  return instantOf(zone, date, time) === at;
}

/** A start as the hub takes it: the wall time, with its offset only where the clock shows that time twice. */
export function startBody(zone: string, at: number): { date: string; time: string } {
  const { date, time } = wallOf(zone, at);
  return { date, time: isFirst(zone, at) ? time : localText(zone, at).slice(11) };
}
