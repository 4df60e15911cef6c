// Where who is here could sit now: one rule for all who ask, a stranger at the door, who waits, and who has booked.
import { LEAST, type Seat, type Stay, seatsFor } from "../model/free.ts";
import { waiting } from "../model/lists.ts";
import { turnOf } from "../model/read.ts";
import type { Booking, Waiting } from "../model/types.ts";
import { now, rules } from "./app.ts";
import { floor, isTonight, room, takenTonight } from "./days.ts";

/** For a party that came in just now. */
export function seatsNow(guests: number, more: Pick<Stay, "area" | "table"> = {}): Seat[] {
  const start = now.value;
  return seatsFor(room.value, takenTonight.value, guests, { start, end: start + turnOf(rules.value, guests), ...more });
}

const unheld = (seats: Seat[]): Seat[] => seats.filter(({ isHeld }) => !isHeld);

/** For a party that waits; where only one area will do, those of other areas are last, and none of them is the best. */
export function seatsForWaiting({ guests, areaId }: Waiting): { best: Seat | undefined; all: Seat[] } {
  const own = unheld(seatsNow(guests, { area: areaId }));
  const others = unheld(seatsNow(guests)).filter(({ name }) => !own.some((each) => each.name === name));
  return { best: own[0], all: [...own, ...others] };
}

export interface Fitting {
  entry: Waiting;
  seat: Seat;
}

/** Who of those that wait fits at this table now, alone or with what it joins to; the first on the list is first. */
export function waitingFor(table: number): Fitting[] {
  if (!isTonight.value) return [];
  return waiting(floor.value).flatMap((entry) => {
    const here = unheld(seatsNow(entry.guests, { area: entry.areaId })).filter(({ tables }) => tables.includes(table));
    const seat = here.find(({ tables }) => tables.length === 1) ?? here[0];
    return seat ? [{ entry, seat }] : [];
  });
}

/** For who has booked, as long as they booked: other tables than their own. */
export function seatsForBooking(booking: Booking): Seat[] {
  return unheld(seatsFor(room.value, takenTonight.value, booking.guests, stayOf(booking)));
}

/** The same of tables that are too small for them, the largest first. */
export function tightForBooking(booking: Booking): Seat[] {
  const small = [...room.value.tables].filter(([, { seats }]) => seats < booking.guests);
  const only = { ...room.value, tables: new Map(small), combinations: [] };
  return unheld(seatsFor(only, takenTonight.value, 1, stayOf(booking))).sort((a, b) => b.seats - a.seats);
}

function stayOf({ start: from, end: until }: Booking): Stay {
  const start = now.value;
  return { start, end: Math.max(start + (until - from), until, start + LEAST) };
}
