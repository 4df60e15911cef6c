// What a drop would do, told before it is done: move, swap, join, nothing, or why not. Pure. The hub decides in the end.
import { inTheWay, type Taken, takenOf } from "./free.ts";
import { holdsTables, spanOf } from "./phase.ts";
import type { Booking, Combination, Floor, Room, Shift, Span } from "./types.ts";

export interface Target {
  table: number;
  /** Where its start would be. */
  start: number;
  /** The booking under the pointer, where there is one. */
  onto: number | null;
  /** A neighbour that the pointer is close to: the wish to join the two. */
  beside: number | null;
}

export type Refusal = "small" | "taken" | "closed" | "past" | "over" | "swap_small" | "swap_taken" | "joined_time";

export type Drop =
  | { act: "nothing" }
  | { act: "move"; tables: number[]; start: number; end: number; joined: string | null }
  | { act: "swap"; with: number; tables: number[] }
  | { act: "refused"; why: Refusal; by: Taken["by"] | null };

interface Scene {
  floor: Floor;
  room: Room;
  shifts: Shift[];
  now: number;
}

const refused = (why: Refusal, by: Taken["by"] | null = null): Drop => ({ act: "refused", why, by });

const same = (a: number[], b: number[]): boolean => a.length === b.length && a.every((each) => b.includes(each));

const seatsOf = (room: Room, tables: number[]): number => {
  const joined = room.combinations.find((each) => same(each.tables, tables));
  return joined?.max ?? Math.max(0, ...tables.map((id) => room.tables.get(id)?.seats ?? 0));
};

export function dropOf(scene: Scene, booking: Booking, target: Target): Drop {
  if (!holdsTables(booking)) return refused("over");
  const other = target.onto === null || target.onto === booking.id ? undefined : scene.floor.bookings.get(target.onto);
  if (other && holdsTables(other)) return swapOf(scene, booking, other);

  const isSeated = booking.status === "seated";
  const start = isSeated ? booking.start : target.start;
  const end = booking.end + (start - booking.start);
  const now = scene.now;
  const isElsewhen = start !== booking.start;
  if (isElsewhen && start < now) return refused("past");
  const inShift = scene.shifts.some(({ opens, closes }) => opens <= start && end <= closes);
  if (isElsewhen && scene.shifts.length > 0 && !inShift) return refused("closed");

  const taken = takenOf(scene.floor, now);
  // Who sits has been there for a while: only from now on do others matter.
  const needed: Span = isSeated ? { start: now, end: Math.max(end, now + 1) } : { start, end };
  const unit = unitAt(scene.room, taken, booking, target, needed);
  if ("act" in unit) return unit;
  if (same(unit.tables, booking.tables) && !isElsewhen) return { act: "nothing" };
  const blocked = inTheWay(taken, unit.tables, needed, booking.id)[0];
  if (blocked) return refused("taken", blocked.by);
  // The hub changes the time and one table at once, or several tables at the same time; not both.
  if (isElsewhen && unit.tables.length > 1 && !same(unit.tables, booking.tables)) return refused("joined_time");
  return { act: "move", tables: unit.tables, start, end, joined: unit.joined };
}

/** The tables that are meant: the one under the pointer, or what it joins to where that is wanted or needed. */
function unitAt(
  room: Room,
  taken: Taken[],
  booking: Booking,
  { table, beside }: Target,
  needed: Span,
): { tables: number[]; joined: string | null } | Drop {
  const joining = (wanted: number[]) => (each: Combination) => wanted.every((id) => each.tables.includes(id));
  const fits = ({ min, max }: Combination) => min <= booking.guests && booking.guests <= max;
  const wanted = beside === null ? [] : room.combinations.filter(joining([table, beside])).filter(fits);
  if (wanted[0]) return { tables: wanted[0].tables, joined: wanted[0].name };
  if (booking.tables.includes(table) && seatsOf(room, booking.tables) >= booking.guests && booking.tables.length > 1)
    return { tables: booking.tables, joined: null };
  if ((room.tables.get(table)?.seats ?? 0) >= booking.guests) return { tables: [table], joined: null };
  const possible = room.combinations.filter(joining([table])).filter(fits);
  const free = possible.find(({ tables }) => inTheWay(taken, tables, needed, booking.id).length === 0);
  if (free) return { tables: free.tables, joined: free.name };
  return refused("small");
}

function swapOf({ floor, room, now }: Scene, booking: Booking, other: Booking): Drop {
  if (same(booking.tables, other.tables)) return { act: "nothing" };
  if (seatsOf(room, other.tables) < booking.guests || seatsOf(room, booking.tables) < other.guests)
    return refused("swap_small", { kind: "booking", id: other.id });
  const taken = takenOf(floor, now).filter(
    ({ by }) => !(by.kind === "booking" && (by.id === booking.id || by.id === other.id)),
  );
  const blocked =
    inTheWay(taken, other.tables, spanOf(booking, now))[0] ?? inTheWay(taken, booking.tables, spanOf(other, now))[0];
  if (blocked) return refused("swap_taken", blocked.by);
  return { act: "swap", with: other.id, tables: other.tables };
}
