// Which bar stands where on the timeline: its axis, its rows, its bars. Pure.
import { HOUR, MINUTE } from "../../lib/time/zone.ts";
import { phaseOf, spanOf } from "./phase.ts";
import type { Booking, Floor, Phase, Room, Shift, Span, Table } from "./types.ts";

/** How much room the words take that stand beside a bar that is over its time. */
const WORDS = 2 * HOUR;

/** The hours of the day's shifts, and what reaches beyond them; whole hours. */
export function axisOf(shifts: Shift[], floor: Floor, now: number): Span {
  const spans: Span[] = shifts.map(({ opens, closes }) => ({ start: opens, end: closes }));
  for (const booking of floor.bookings.values()) {
    const { start, end } = spanOf(booking, now);
    spans.push({ start, end: phaseOf(booking, now) === "overdue" ? end + WORDS : end });
  }
  for (const block of floor.blocks.values()) if (spans.length === 0) spans.push(block);
  if (spans.length === 0) {
    const start = Math.floor(now / HOUR) * HOUR;
    return { start, end: start + 6 * HOUR };
  }
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.end));
  return { start: Math.floor(start / HOUR) * HOUR, end: Math.ceil(end / HOUR) * HOUR };
}

/** Where an instant is on the axis: 0 to 1. */
export const shareOf = (axis: Span, at: number): number => (at - axis.start) / (axis.end - axis.start);

export interface Mark {
  at: number;
  isHour: boolean;
}

export function marksOf(axis: Span): Mark[] {
  const marks: Mark[] = [];
  for (let at = axis.start; at < axis.end; at += HOUR / 2) marks.push({ at, isHour: at % HOUR === 0 });
  return marks;
}

export interface Group {
  id: number | null;
  name: string;
  tables: Table[];
}

const byName = new Intl.Collator("en", { numeric: true });

/** Areas with their tables; tables without an area are one group at the end. A table that is gone but still named stays. */
export function groupsOf(room: Room, floor: Floor): Group[] {
  const tables = new Map(room.tables);
  const named = [...floor.bookings.values(), ...floor.blocks.values()].flatMap((each) => each.tables);
  for (const id of named)
    if (!tables.has(id)) tables.set(id, { id, name: `№ ${id}`, seats: 0, areaId: null, place: null });
  const areas = [...room.areas.values()].sort((a, b) => a.rank - b.rank || byName.compare(a.name, b.name));
  const within = (areaId: number | null) =>
    [...tables.values()]
      .filter((table) => (room.areas.has(table.areaId ?? 0) ? table.areaId : null) === areaId)
      .sort((a, b) => byName.compare(a.name, b.name) || a.id - b.id);
  const groups: Group[] = areas.map(({ id, name }) => ({ id, name, tables: within(id) }));
  groups.push({ id: null, name: "", tables: within(null) });
  return groups.filter((group) => group.tables.length > 0);
}

export type BarKind = "booking" | "block" | "hold";

export interface Bar extends Span {
  key: string;
  kind: BarKind;
  id: number;
  table: number;
  phase: Phase | "block" | "hold";
  /** Of an overdue booking: when its tables were to be free. */
  due: number | null;
  /** It has other tables too, and this is not the first of them. */
  isFurther: boolean;
  /** Where it stands in its row: lane `lane` of `lanes`. */
  lane: number;
  lanes: number;
}

function barOf(booking: Booking, table: number, now: number): Bar {
  const phase = phaseOf(booking, now);
  return {
    key: `booking-${booking.id}-${table}`,
    kind: "booking",
    id: booking.id,
    table,
    phase,
    ...spanOf(booking, now),
    due: phase === "overdue" ? booking.end : null,
    isFurther: booking.tables[0] !== table,
    lane: 0,
    lanes: 1,
  };
}

/** The bars of each table, by its id. */
export function barsOf(floor: Floor, now: number): Map<number, Bar[]> {
  const rows = new Map<number, Bar[]>();
  const put = (bar: Bar) => rows.set(bar.table, [...(rows.get(bar.table) ?? []), bar]);
  for (const booking of floor.bookings.values()) for (const table of booking.tables) put(barOf(booking, table, now));
  for (const kind of ["block", "hold"] as const) {
    const entries = kind === "block" ? floor.blocks : floor.holds;
    for (const { id, tables, start, end } of entries.values()) {
      if (kind === "hold" && (floor.holds.get(id)?.expires ?? 0) <= now) continue;
      for (const table of tables)
        put({
          ...{ key: `${kind}-${id}-${table}`, kind, id, table, phase: kind, start, end, due: null },
          ...{ isFurther: tables[0] !== table, lane: 0, lanes: 1 },
        });
    }
  }
  for (const [table, bars] of rows) rows.set(table, inLanes(bars));
  return rows;
}

/** The rows as they are now, with the bars and rows of before wherever they are the same: only others are drawn anew. */
export function keptBars(before: Map<number, Bar[]>, now: Map<number, Bar[]>): Map<number, Bar[]> {
  const kept = new Map<number, Bar[]>();
  for (const [table, bars] of now) {
    const old = before.get(table) ?? [];
    const known = new Map(old.map((bar) => [bar.key, bar]));
    const row = bars.map((bar) => {
      const same = known.get(bar.key);
      return same && isSameBar(same, bar) ? same : bar;
    });
    kept.set(table, row.length === old.length && row.every((bar, index) => bar === old[index]) ? old : row);
  }
  return kept;
}

const isSameBar = (one: Bar, other: Bar): boolean =>
  (Object.keys(one) as (keyof Bar)[]).every((name) => one[name] === other[name]);

/** Bars that overlap stand one above the other: those who came not at all, or are gone, beside who has the table. */
function inLanes(bars: Bar[]): Bar[] {
  const sorted = [...bars].sort((a, b) => a.start - b.start || a.end - b.end);
  const cluster: Bar[] = [];
  const placed: Bar[] = [];
  let reach = Number.NEGATIVE_INFINITY;
  const close = () => {
    const lanes = Math.max(1, ...cluster.map(({ lane }) => lane + 1));
    placed.push(...cluster.map((bar) => ({ ...bar, lanes })));
    cluster.length = 0;
  };
  for (const bar of sorted) {
    if (bar.start >= reach) close();
    const busy = new Set(cluster.filter(({ end }) => end > bar.start).map(({ lane }) => lane));
    let lane = 0;
    while (busy.has(lane)) lane++;
    cluster.push({ ...bar, lane });
    reach = Math.max(reach, bar.end);
  }
  close();
  return placed;
}

/** The start of a step that a place on the axis stands for. */
export function snap(at: number, stepMinutes: number): number {
  const step = stepMinutes * MINUTE;
  return Math.floor(at / step) * step;
}
