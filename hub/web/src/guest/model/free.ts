// Which starts are free for a party, and which tables at a start: only to help to choose, since the hub decides. Pure.
import type { WireRoom, WireStarts } from "../../lib/api/wire.ts";
import type { ShiftTimes } from "../../lib/time/shifts.ts";
import { MINUTE } from "../../lib/time/zone.ts";

export interface Span {
  start: number;
  end: number;
}

export interface Table {
  id: number;
  name: string;
  seats: number;
}

export interface Combination {
  tables: number[];
  min: number;
  max: number;
}

export interface Room {
  /** The smallest first. */
  tables: Table[];
  combinations: Combination[];
}

/** When each table is taken. */
export type Taken = Map<number, Span[]>;

/** One's own booking, which is to be changed. */
export interface Own extends Span {
  guests: number;
  tables: number[];
  isPinned: boolean;
}

export interface Offer {
  start: number;
  isFree: boolean;
}

export function readRoom(wire: Pick<WireRoom, "tables" | "combinations"> | null): Room {
  const { tables = {}, combinations = {} } = wire ?? {};
  return {
    tables: Object.entries(tables)
      .map(([id, { name, seats }]) => ({ id: Number(id), name, seats }))
      .sort((a, b) => a.seats - b.seats || a.name.localeCompare(b.name, undefined, { numeric: true }) || a.id - b.id),
    combinations: Object.values(combinations).map((each) => ({
      ...{ tables: each.tables, min: each.min_guests, max: each.max_guests },
    })),
  };
}

export function readTaken(wire: unknown): Taken {
  const { tables = {} } = (wire ?? {}) as { tables?: Record<string, [string, string][]> };
  return new Map(
    Object.entries(tables).map(([id, spans]) => [
      Number(id),
      spans.map(([start, end]) => ({ start: Date.parse(start), end: Date.parse(end) })),
    ]),
  );
}

/** The same without one's own booking, which is to be moved. It may hold several tables. */
export function without(taken: Taken, own: Span): Taken {
  const isOwn = ({ start, end }: Span) => start === own.start && end === own.end;
  return new Map([...taken].map(([id, spans]) => [id, spans.filter((span) => !isOwn(span))]));
}

export const isFree = (taken: Taken, table: number, span: Span): boolean =>
  !(taken.get(table) ?? []).some(({ start, end }) => start < span.end && span.start < end);

/** Whether a party may have a table of so many seats. `most`: how many more than they are; null: any number. */
export const suits = (seats: number, guests: number, most: number | null): boolean =>
  seats >= guests && (most === null || seats - guests <= most);

/**
 * Whether a party may have a table. One that moves keeps its own alone, however large that is; and however small, while
 * it becomes no larger. */
export const mayHave = (
  { id, seats }: Pick<Table, "id" | "seats">,
  { guests, oversize, own }: { guests: number; oversize: number | null; own: Own | null },
): boolean =>
  suits(seats, guests, oversize) ||
  (own?.tables.length === 1 && own.tables[0] === id && guests <= Math.max(seats, own.guests));

/** The same without what is held for this very form. */
export function withoutHeld(taken: Taken, held: Span & { tables: number[] }): Taken {
  const found = new Map(taken);
  const isOwn = ({ start, end }: Span) => start === held.start && end === held.end;
  for (const id of held.tables) {
    const spans = found.get(id);
    if (spans)
      found.set(
        id,
        spans.filter((span) => !isOwn(span)),
      );
  }
  return found;
}

/** How long a party of this size sits, in ms. */
export function turnOf(turns: { guests_up_to: number; minutes: number }[], guests: number): number {
  const found = turns.find((turn) => guests <= turn.guests_up_to) ?? turns.at(-1);
  return (found?.minutes ?? 120) * MINUTE;
}

/** The starts of some shifts that are still to come. `isOffered`: whether the hub has that start at all. */
export function startsOf(
  day: { shifts: ShiftTimes[]; stepMinutes: number; notice: number; isOffered: (start: number) => boolean },
  now: number,
): number[] {
  const starts: number[] = [];
  for (const { opens, lastSeating } of day.shifts)
    for (let start = opens; start <= lastSeating; start += day.stepMinutes * MINUTE)
      if (day.isOffered(start) && start > now + day.notice * MINUTE) starts.push(start);
  return starts;
}

/** The starts as the hub tells visitors of them, after `earliest`. */
export const offersTold = ({ starts }: WireStarts, guests: number, earliest: number): Offer[] =>
  Object.values(starts)
    .map(({ start_at, guests: sizes }) => ({ start: Date.parse(start_at), isFree: sizes.includes(guests) }))
    .filter(({ start }) => start > earliest)
    .sort((a, b) => a.start - b.start);

const areSame = (a: number[], b: number[]): boolean => a.length === b.length && a.every((id) => b.includes(id));

/**
 * Which of these starts are free. `table`: only that one will do. `oversize`: how many seats more than they are the
 * party may have. `own`: the booking that is moved: it may keep its tables, where it has one by its name (see mayHave),
 * where it has several while no other is named; one that is pinned has to keep them then. */
export function offersOf(
  starts: number[],
  { room, taken }: { room: Room; taken: Taken },
  { own, ...party }: { guests: number; turn: number; table: number | null; oversize: number | null; own: Own | null },
): Offer[] {
  const isAny = party.table === null;
  const stays = own?.isPinned && isAny ? own.tables : null;
  const table = stays?.length === 1 ? (stays[0] ?? null) : party.table;
  const kept = own && own.tables.length > 1 && isAny && party.guests <= own.guests ? own.tables : null;
  return starts.map((start) => {
    const span = { start, end: start + party.turn };
    const areFree = (tables: number[]) => tables.every((id) => isFree(taken, id, span));
    const single = room.tables.some(
      (each) =>
        (table !== null
          ? table === each.id && mayHave(each, { own, ...party })
          : stays === null && suits(each.seats, party.guests, party.oversize)) && isFree(taken, each.id, span),
    );
    const joined = () =>
      table === null &&
      room.combinations.some(
        ({ tables, min, max }) =>
          min <= party.guests &&
          suits(max, party.guests, party.oversize) &&
          (stays === null || areSame(tables, stays)) &&
          areFree(tables),
      );
    return { start, isFree: single || joined() || (kept !== null && areFree(kept)) };
  });
}
