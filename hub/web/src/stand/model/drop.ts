// What a drop would do, told before it is done: move, swap, join, nothing, or why not. Pure. The hub decides in the end.
import { inTheWay, type Taken, takenOf, type Unit, unitsFor } from "./free.ts";
import { holdsTables, spanOf } from "./phase.ts";
import { type Booking, type Floor, type Room, type Shift, type Span, sameTables } from "./types.ts";

export interface Target {
  table: number;
  /** Where its start would be. */
  start: number;
  /** The booking under the pointer, where there is one. */
  onto: number | null;
  /** A neighbour that the pointer is close to: the two are to be joined. */
  beside: number | null;
}

export type Refusal = "taken" | "closed" | "past" | "over" | "swap_small" | "swap_taken" | "pinned" | "swap_pinned";

export interface Move {
  act: "move";
  tables: number[];
  start: number;
  end: number;
  joined: string | null;
  /** So many more come than the tables are for: that needs a reason. */
  short: number;
}

export type Drop =
  | { act: "nothing" }
  | Move
  | { act: "swap"; with: number; tables: number[] }
  | { act: "refused"; why: Refusal; by: Taken["by"] | null };

interface Scene {
  floor: Floor;
  room: Room;
  shifts: Shift[];
  now: number;
}

const refused = (why: Refusal, by: Taken["by"] | null = null): Drop => ({ act: "refused", why, by });

/** For how many these tables are, as the hub counts: as the largest combination of them says, else by their seats. */
const seatsOf = (room: Room, tables: number[]): number => {
  const joined = room.combinations.filter((each) => sameTables(each.tables, tables)).map(({ max }) => max);
  if (joined.length > 0) return Math.max(...joined);
  return tables.reduce((sum, id) => sum + (room.tables.get(id)?.seats ?? 0), 0);
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
  if (isElsewhen && booking.end <= now) return refused("over");
  if (isElsewhen && start < now) return refused("past");
  const inShift = scene.shifts.some(({ opens, closes }) => opens <= start && end <= closes);
  if (isElsewhen && scene.shifts.length > 0 && !inShift) return refused("closed");

  const taken = takenOf(scene.floor, now);
  // Who sits has been there for a while: only from now on do others matter.
  const needed: Span = isSeated ? { start: now, end: Math.max(end, now + 1) } : { start, end };
  const units = unitsAt(scene.room, booking, target);
  const inItsWay = ({ tables }: Unit) => inTheWay(taken, tables, needed, booking.id);
  const tight = tightAt(scene.room, booking, target);
  // Where what it joins to is taken, the table alone may still do, for a reason; or it is what stands in the way.
  const unit =
    units.find((each) => inItsWay(each).length === 0) ?? (target.beside === null ? tight : (units[0] ?? tight));
  const isElsewhere = !sameTables(unit.tables, booking.tables);
  if (!isElsewhere && !isElsewhen) return { act: "nothing" };
  if (isElsewhere && booking.pinned) return refused("pinned");
  const blocked = inItsWay(unit)[0];
  if (blocked) {
    // At its own time it may change places with who is there; another time is no wish to.
    const there = !isElsewhen && blocked.by.kind === "booking" ? scene.floor.bookings.get(blocked.by.id) : undefined;
    const swap = there?.tables.includes(target.table) && holdsTables(there) ? swapOf(scene, booking, there) : null;
    return swap?.act === "swap" ? swap : refused("taken", blocked.by);
  }
  return {
    ...{ act: "move", tables: isElsewhere ? unit.tables : booking.tables, start, end },
    joined: isElsewhere && unit.tables.length > 1 ? unit.name : null,
    short: isElsewhere ? Math.max(0, booking.guests - unit.seats) : 0,
  };
}

/**
 * The tables that may be meant, in the hub's order of choice: those that it has, where the pointer is over one of them,
 * and what holds the table under the pointer; where joining is wanted, what also holds the neighbour is before them.
 */
function unitsAt(room: Room, booking: Booking, { table, beside }: Target): Unit[] {
  const { tables, guests } = booking;
  const units = unitsFor(room, guests).filter((each) => each.tables.includes(table));
  const seats = seatsOf(room, tables);
  const own = tables.includes(table) && tables.length > 1 && seats >= guests ? [{ tables, seats, name: "" }] : [];
  const joined = beside === null ? [] : units.filter((each) => each.tables.includes(beside));
  return joined.length > 0 ? joined : [...own, ...units];
}

/** Where no tables there are for so many: those that it has, which stay as tight as they are, or the table alone. */
function tightAt(room: Room, { tables, guests }: Booking, { table }: Target): Unit {
  if (tables.includes(table)) return { tables, seats: guests, name: "" };
  return { tables: [table], seats: seatsOf(room, [table]), name: "" };
}

function swapOf({ floor, room, now }: Scene, booking: Booking, other: Booking): Drop {
  if (sameTables(booking.tables, other.tables)) return { act: "nothing" };
  if (booking.pinned) return refused("pinned");
  if (other.pinned) return refused("swap_pinned", { kind: "booking", id: other.id });
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
