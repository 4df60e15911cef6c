// What the clock makes of a booking: late, overdue, how long they sit. Pure.
import { MINUTE } from "../../lib/time/zone.ts";
import type { Block, Booking, Phase, Span } from "./types.ts";

/** So long after its start a party that has not come is late, as on the hub's paper (hub/domain/paper.py). */
export const LATE_AFTER = 15 * MINUTE;

export function phaseOf(booking: Booking, now: number): Phase {
  if (booking.status === "booked") return now >= booking.start + LATE_AFTER ? "late" : "booked";
  if (booking.status === "seated") return now > booking.end ? "overdue" : "seated";
  return booking.status;
}

export const holdsTables = (booking: Booking): boolean =>
  booking.status === "booked" || booking.status === "arrived" || booking.status === "seated";

/**
 * When it has its tables, or had them: from seated or promised, until they left or are to leave, as on the hub's paper
 * (hub/domain/paper.py). Who came early and left before the booked start, without having sat, was here from its arrival.
 */
export function stayOf(booking: Booking): Span {
  const start = booking.seatedAt ?? booking.start;
  const end = booking.leftAt ?? booking.end;
  return { start: start <= end ? start : (booking.arrivedAt ?? end), end };
}

/** The same as a bar: of who is overdue until now, and wide enough to be seen. */
export function spanOf(booking: Booking, now: number): Span {
  const { start, end: until } = stayOf(booking);
  const end = phaseOf(booking, now) === "overdue" ? now : until;
  return { start, end: Math.max(end, start + MINUTE) };
}

/** Whether a block still keeps its tables closed, now or later: what has ended can't be opened again. */
export const isShut = (block: Block | undefined, now: number): boolean => block !== undefined && now < block.end;

const minutes = (ms: number): number => Math.max(0, Math.floor(ms / MINUTE));

export const minutesLate = (booking: Booking, now: number): number => minutes(now - booking.start);
export const minutesSeated = (booking: Booking, now: number): number =>
  minutes(now - (booking.seatedAt ?? booking.start));
export const minutesOver = (booking: Booking, now: number): number => minutes(now - booking.end);

/** Steps at the table, beside changes of what was booked. */
export const STEPS = new Set(["walk_in", "arrive", "seat", "finish", "mark_no_show"]);

/** Whether the last step may be taken back at this moment. */
export const mayUndo = (booking: Booking, now: number): boolean => booking.undo !== null && now < booking.undo.until;
