// The lists beside the room: who comes next, who sits, who waits; and the numbers of the day. Pure.
import { holdsTables, phaseOf, spanOf } from "./phase.ts";
import type { Booking, Floor, Waiting } from "./types.ts";

/** Those who are still to be seated, the earliest first; who has arrived comes before who has not. */
export function arrivals(floor: Floor): Booking[] {
  const rank = (booking: Booking) => (booking.status === "arrived" ? 0 : 1);
  return [...floor.bookings.values()]
    .filter(({ status }) => status === "booked" || status === "arrived")
    .sort((a, b) => rank(a) - rank(b) || a.start - b.start || a.id - b.id);
}

/** Those who sit, who is to leave first on top. */
export function seated(floor: Floor): Booking[] {
  return [...floor.bookings.values()]
    .filter(({ status }) => status === "seated")
    .sort((a, b) => a.end - b.end || a.id - b.id);
}

/** Those who are over, the last one first: what may still be undone stands on top. */
export function done(floor: Floor): Booking[] {
  return [...floor.bookings.values()]
    .filter(({ status }) => status === "finished" || status === "no_show")
    .sort((a, b) => (b.leftAt ?? b.start) - (a.leftAt ?? a.start) || b.id - a.id);
}

export function waiting(floor: Floor): Waiting[] {
  return [...floor.waitlist.values()].sort((a, b) => a.place - b.place || a.joined - b.joined);
}

export interface Counts {
  covers: number;
  seated: number;
  toCome: number;
  late: number;
  waiting: number;
}

export function countsOf(floor: Floor, now: number): Counts {
  const counts: Counts = { covers: 0, seated: 0, toCome: 0, late: 0, waiting: 0 };
  for (const booking of floor.bookings.values()) {
    const phase = phaseOf(booking, now);
    if (phase !== "no_show") counts.covers += booking.guests;
    if (phase === "seated" || phase === "overdue") counts.seated += booking.guests;
    if (phase === "booked" || phase === "late" || phase === "arrived") counts.toCome += booking.guests;
    if (phase === "late") counts.late += 1;
  }
  counts.waiting = floor.waitlist.size;
  return counts;
}

/** Who has this table at a moment, and who comes to it next. */
export function atTable(floor: Floor, table: number, now: number): { present: Booking | null; next: Booking | null } {
  const mine = [...floor.bookings.values()]
    .filter((booking) => holdsTables(booking) && booking.tables.includes(table))
    .sort((a, b) => a.start - b.start);
  const present = mine.find(({ status }) => status === "seated") ?? null;
  const next = mine.find((booking) => booking.status !== "seated" && spanOf(booking, now).end > now) ?? null;
  return { present, next };
}

const digits = (text: string): string => text.replace(/\D/g, "");

/** Whether somebody is meant by these words: a name, digits of a phone number, a reference. */
export function matches(who: { name: string; phone: string | null; reference?: string }, words: string): boolean {
  const wanted = words.trim().toLowerCase();
  if (wanted === "") return false;
  if (who.name.toLowerCase().includes(wanted)) return true;
  if (who.reference?.toLowerCase().startsWith(wanted)) return true;
  const number = digits(wanted);
  return number.length >= 3 && digits(who.phone ?? "").includes(number);
}
