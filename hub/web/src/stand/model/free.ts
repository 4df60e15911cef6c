// What is free: gaps of a table, the unit for a party, free times of a day, tables free now or soon. Pure.
//
// A unit is a table, or a combination of tables that join. This only helps to choose: the hub decides.
import { MINUTE } from "../../lib/time/zone.ts";
import { holdsTables, phaseOf, spanOf } from "./phase.ts";
import { turnOf } from "./read.ts";
import { type Floor, overlap, type Room, type Rules, type Shift, type Span } from "./types.ts";

export interface Taken extends Span {
  by: { kind: "booking" | "block" | "hold"; id: number };
  tables: number[];
}

/** Who sits beyond their time is taken to sit so long still. */
const STILL = 15 * MINUTE;

/** All that takes a table at some time; what has expired or is over takes none. */
export function takenOf(floor: Floor, now: number): Taken[] {
  const taken: Taken[] = [];
  for (const booking of floor.bookings.values())
    if (holdsTables(booking)) {
      const span = spanOf(booking, now);
      const end = phaseOf(booking, now) === "overdue" ? now + STILL : span.end;
      taken.push({ start: span.start, end, tables: booking.tables, by: { kind: "booking", id: booking.id } });
    }
  for (const { id, tables, start, end } of floor.blocks.values())
    taken.push({ start, end, tables, by: { kind: "block", id } });
  for (const { id, tables, start, end, expires } of floor.holds.values())
    if (expires > now) taken.push({ start, end, tables, by: { kind: "hold", id } });
  return taken;
}

/** The floor as if this were not held: for the form that holds it. */
export function withoutHold(floor: Floor, id: number | undefined): Floor {
  if (id === undefined || !floor.holds.has(id)) return floor;
  return { ...floor, holds: new Map([...floor.holds].filter(([each]) => each !== id)) };
}

/** The same as if nobody were choosing a table right now. */
export const withoutHolds = (taken: Taken[]): Taken[] => taken.filter(({ by }) => by.kind !== "hold");

export const inTheWay = (taken: Taken[], tables: number[], span: Span, butBooking?: number): Taken[] =>
  taken.filter(
    (each) =>
      overlap(each, span) &&
      each.tables.some((table) => tables.includes(table)) &&
      !(each.by.kind === "booking" && each.by.id === butBooking),
  );

export interface Unit {
  tables: number[];
  seats: number;
  name: string;
}

/** Tables first, then what they join to, smallest first, of fewer tables first, then by id: the hub's order of choice. */
export function unitsFor(room: Room, guests: number): Unit[] {
  const tables = [...room.tables.values()]
    .filter(({ seats }) => seats >= guests)
    .map(({ id, seats, name }): Unit => ({ tables: [id], seats, name }))
    .sort((a, b) => a.seats - b.seats || (a.tables[0] ?? 0) - (b.tables[0] ?? 0));
  const joined = room.combinations
    .filter(({ min, max, tables }) => min <= guests && guests <= max && tables.every((id) => room.tables.has(id)))
    .sort((a, b) => a.max - b.max || a.tables.length - b.tables.length || a.id - b.id)
    .map(({ tables, max, name }): Unit => ({ tables, seats: max, name }));
  return [...tables, ...joined];
}

export function freeUnits(room: Room, taken: Taken[], guests: number, span: Span): Unit[] {
  return unitsFor(room, guests).filter(({ tables }) => inTheWay(taken, tables, span).length === 0);
}

/** Until when a table that is free at `from` stays free; null: all the time; `from` itself: it is taken. */
export function freeUntil(taken: Taken[], table: number, from: number): number | null {
  const mine = taken.filter(({ tables, end }) => tables.includes(table) && end > from);
  if (mine.some(({ start }) => start <= from)) return from;
  const next = Math.min(...mine.map(({ start }) => start));
  return Number.isFinite(next) ? next : null;
}

/** The hub seats nobody for less; what is free for so long is offered, with until when. */
export const LEAST = 15 * MINUTE;

/** Where a party that is here could sit. */
export interface Seat extends Unit {
  /** Until when it is free, where that is not for the whole stay; null: for the whole stay. */
  until: number | null;
  /** Free but for somebody who is choosing it right now. */
  isHeld: boolean;
}

export interface Stay extends Span {
  /** Until when they must be able to sit; left out: for LEAST. */
  least?: number;
  /** Only there. */
  area?: number | null;
  /** What was pointed at: it stands first. */
  table?: number | undefined;
}

/** Free for the whole stay first, in the hub's order of choice; then the shorter ones, the longest first; then held. */
export function seatsFor(room: Room, taken: Taken[], guests: number, stay: Stay): Seat[] {
  const { start, end, least = start + LEAST, area = null, table } = stay;
  const unheld = withoutHolds(taken);
  const untilIn = (all: Taken[], { tables }: Unit) =>
    Math.min(end, ...tables.map((id) => freeUntil(all, id, start) ?? end));
  const seats = unitsIn(room, guests, area).flatMap((unit): Seat[] => {
    const free = untilIn(taken, unit);
    const isHeld = free < least;
    const until = isHeld ? untilIn(unheld, unit) : free;
    return until < least ? [] : [{ ...unit, isHeld, until: until < end ? until : null }];
  });
  const rank = ({ isHeld, until }: Seat) => (isHeld ? 2 : until === null ? 0 : 1);
  seats.sort((a, b) => rank(a) - rank(b) || (rank(a) === 1 ? (b.until ?? 0) - (a.until ?? 0) : 0));
  const isWanted = ({ tables }: Seat) => table !== undefined && tables.includes(table);
  return [...seats.filter(isWanted), ...seats.filter((seat) => !isWanted(seat))];
}

/** What such a party fits at, in this area alone if one is named. */
export function unitsIn(room: Room, guests: number, area: number | null): Unit[] {
  const isThere = (id: number) => area === null || room.tables.get(id)?.areaId === area;
  return unitsFor(room, guests).filter(({ tables }) => tables.every(isThere));
}

export interface Offer {
  start: number;
  /** The unit that would be taken; null: nothing is free. */
  unit: Unit | null;
  /** Nothing is free, and something would be if nobody were choosing it right now. */
  isHeld: boolean;
}

/** So many more they are than this table is for; 0: it is large enough, or none is meant. */
export function shortAt(room: Room, table: number | undefined, guests: number): number {
  const seats = table === undefined ? undefined : room.tables.get(table)?.seats;
  return seats === undefined ? 0 : Math.max(0, guests - seats);
}

/** Every start of the day's shifts for a party that is not over yet; at one table, if it is meant, however small. */
export function offersOf(
  day: { room: Room; floor: Floor; shifts: Shift[]; rules: Rules },
  guests: number,
  now: number,
  table?: number,
): Offer[] {
  const taken = takenOf(day.floor, now);
  const unheld = withoutHolds(taken);
  const turn = turnOf(day.rules, guests);
  const tight = shortAt(day.room, table, guests) > 0 ? day.room.tables.get(table ?? 0) : undefined;
  const unitIn = (all: Taken[], span: Span): Unit | null => {
    if (tight) {
      const isFree = inTheWay(all, [tight.id], span).length === 0;
      return isFree ? { tables: [tight.id], seats: tight.seats, name: tight.name } : null;
    }
    const free = freeUnits(day.room, all, guests, span);
    const isWanted = ({ tables }: Unit) => table === undefined || (tables.length === 1 && tables[0] === table);
    return free.find(isWanted) ?? null;
  };
  const offers: Offer[] = [];
  for (const { opens, lastSeating } of day.shifts)
    for (let start = opens; start <= lastSeating; start += day.rules.step * MINUTE) {
      if (start <= now) continue;
      const span = { start, end: start + turn };
      const unit = unitIn(taken, span);
      offers.push({ start, unit, isHeld: unit === null && unitIn(unheld, span) !== null });
    }
  return offers;
}

export interface Free {
  count: number;
  /** Where none is free for a whole turn: the longest that one of them is; else null. */
  until: number | null;
}

export interface FreeSoon {
  seats: number;
  /** How many tables of this size are free now, within 15 minutes, within 30. */
  now: Free;
  in15: Free;
  in30: Free;
}

/** Tables by size at which somebody can be seated. Who sits is taken to leave when they are to. */
export function freeBySize(room: Room, floor: Floor, rules: Rules, now: number): FreeSoon[] {
  const taken = takenOf(floor, now);
  const sizes = [...new Set([...room.tables.values()].map(({ seats }) => seats))].sort((a, b) => a - b);
  return sizes.map((seats) => {
    const freeAt = (start: number): Free => {
      const same = { ...room, tables: new Map([...room.tables].filter(([, each]) => each.seats === seats)) };
      const stay = { start, end: start + turnOf(rules, seats) };
      const free = seatsFor({ ...same, combinations: [] }, taken, seats, stay).filter(({ isHeld }) => !isHeld);
      return { count: free.length, until: free[0]?.until ?? null };
    };
    return { seats, now: freeAt(now), in15: freeAt(now + 15 * MINUTE), in30: freeAt(now + 30 * MINUTE) };
  });
}
