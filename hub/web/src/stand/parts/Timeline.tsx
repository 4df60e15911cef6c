// The room by hour: a row a table, the hours across, a bar for each booking, block and hold, and the line of the present.
import { useComputed } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { HOUR, MINUTE } from "../../lib/time/zone.ts";
import { axisOf, type Bar, barsOf, groupsOf, keptBars, marksOf, shareOf, snap } from "../model/bars.ts";
import { freeUntil } from "../model/free.ts";
import type { Span, Table } from "../model/types.ts";
import { formats, isStaff, now, rules, words } from "../store/app.ts";
import { floor, isLoaded, isTonight, room, shownShifts, taken } from "../store/days.ts";
import { freeMenu } from "../store/windows.ts";
import { BarView } from "./BarView.tsx";
import { markCut } from "./cut.ts";
import { DropHint, RowGhost } from "./Ghost.tsx";

/** How many hours are seen at once, about, and how narrow an hour may be. */
const HOURS_SEEN = 3.6;
const HOUR_LEAST = 110;
/** About as wide as the column of names. */
const NAMES = 90;
const BEFORE_NOW = 30 * MINUTE;
const NO_BARS: Bar[] = [];

export function Timeline() {
  const scroller = useRef<HTMLElement>(null);
  // 0 while it is not seen (the other tab of a phone).
  const [seenWidth, setSeenWidth] = useState(0);
  const hourWidth = Math.max(HOUR_LEAST, Math.round((seenWidth - NAMES) / HOURS_SEEN));
  const { start, end } = axisOf(shownShifts.value, floor.value, minuteNow());
  const axis = useMemo(() => ({ start, end }), [start, end]);
  const groups = useMemo(() => groupsOf(room.value, floor.value), [room.value, floor.value]);
  const drawn = useRef(new Map<number, Bar[]>());
  drawn.current = keptBars(drawn.current, barsOf(floor.value, now.value));
  const rows = drawn.current;
  const isReady = isLoaded.value && room.value.tables.size > 0;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => {
      setSeenWidth(element.clientWidth);
      markCut(element, element.querySelector<HTMLElement>(".row-name")?.offsetWidth ?? NAMES);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [isReady]);

  // Once a day shown, and never under a finger: the axis is opened at half an hour ago, or before the first who come.
  useEffect(() => {
    if (!isReady || seenWidth === 0 || !scroller.current) return;
    const first = Math.min(...[...floor.value.bookings.values()].map((booking) => booking.start));
    const from = isTonight.value
      ? now.value - BEFORE_NOW
      : Number.isFinite(first)
        ? first - BEFORE_NOW
        : (shownShifts.value[0]?.opens ?? axis.start);
    scroller.current.scrollLeft = Math.max(0, ((from - axis.start) / HOUR) * hourWidth);
  }, [isReady, hourWidth, seenWidth === 0]);

  const w = words.value;
  if (!isLoaded.value) {
    return (
      <p class="empty" role="status">
        {w.loading}
      </p>
    );
  }
  if (groups.length === 0) return <p class="empty">{w.noTables}</p>;
  const width = ((axis.end - axis.start) / HOUR) * hourWidth;
  const share = shareOf(axis, now.value);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="timeline" ref={scroller} tabIndex={0} aria-label={w.views.timeline}>
      <div class="timeline-inner" style={{ "--axis": `${width}px`, "--hour": `${hourWidth}px` }}>
        <div class="axis" aria-hidden="true">
          <span class="axis-corner" />
          <span class="axis-marks">
            {marksOf(axis).map(({ at, isHour }) => (
              <span key={at} class={isHour ? "hour" : "half"} style={{ left: `${shareOf(axis, at) * 100}%` }}>
                {formats.value.time(at)}
              </span>
            ))}
          </span>
        </div>
        {groups.map((group) => (
          <div key={group.id ?? 0} class="area">
            {(group.name || groups.length > 1) && (
              <h2 class="area-name">
                <span>{group.name ? <bdi>{group.name}</bdi> : w.otherTables}</span>
              </h2>
            )}
            {group.tables.map((table) => (
              <Row
                key={table.id}
                table={table}
                bars={rows.get(table.id) ?? NO_BARS}
                axis={axis}
                scroller={scroller.current}
              />
            ))}
          </div>
        ))}
        {share >= 0 && share <= 1 && (
          <div
            class="present"
            aria-hidden="true"
            style={{ insetInlineStart: `calc(var(--names) + ${share * width}px)` }}
          />
        )}
      </div>
      <DropHint />
    </section>
  );
}

/** The axis moves with the clock only once a minute. */
const minuteNow = (): number => Math.floor(now.value / MINUTE) * MINUTE;

interface RowProps {
  table: Table;
  bars: Bar[];
  axis: Span;
  scroller: HTMLElement | null;
}

function Row({ table, bars, axis, scroller }: RowProps) {
  const w = words.value;
  // Asked each second, and drawn anew only when the answer is another one.
  const until = useComputed(() => freeText(table.id)).value;
  const openMenu = (start: number, x: number, y: number) => {
    if (isStaff.value) freeMenu.value = { table: table.id, start, x, y };
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would make of each table a form's part
    <div
      class="row"
      role="group"
      aria-label={[w.said.table(table.name, w.said.seats(table.seats)), until].filter(Boolean).join(", ")}
      data-table={table.id}
      style={{ "--stack": Math.max(1, ...bars.map(({ lanes }) => lanes)) }}
    >
      <button
        type="button"
        class="row-name"
        disabled={!isStaff.value}
        onClick={({ currentTarget }) => {
          const box = currentTarget.getBoundingClientRect();
          openMenu(defaultStart(axis), box.right, box.top);
        }}
      >
        <b>
          <bdi>{table.name}</bdi>
        </b>
        <small>
          <span aria-hidden="true">{table.seats}</span>
          <span class="unseen">{w.said.seats(table.seats)}</span>
        </small>
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the button with the table's name does the same by keyboard */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for a pointer */}
      <div
        class="track"
        data-axis-start={axis.start}
        data-axis-end={axis.end}
        onClick={(event) => {
          if ((event.target as HTMLElement).closest("button")) return;
          const box = event.currentTarget.getBoundingClientRect();
          const at = axis.start + ((event.clientX - box.left) / box.width) * (axis.end - axis.start);
          openMenu(snap(at, rules.value.step), event.clientX, event.clientY);
        }}
      >
        {until && <FreeText text={until} bars={bars} axis={axis} />}
        {bars.map((bar) => (
          <BarView key={bar.key} bar={bar} axis={axis} scroller={scroller} />
        ))}
        <RowGhost table={table.id} axis={axis} />
      </div>
    </div>
  );
}

/** "free", "free until 20:15", or "" of a table that is taken, and of a day that is not tonight. */
function freeText(table: number): string {
  if (!isTonight.value) return "";
  const free = freeUntil(taken.value, table, now.value);
  if (free === now.value) return "";
  const { since } = words.value;
  return free === null ? since.free : since.freeUntil(formats.value.time(free));
}

/** At the line of the present, where there is room for it. */
function FreeText({ text, bars, axis }: { text: string; bars: Bar[]; axis: Span }) {
  const at = now.value;
  if (bars.some(({ start, end }) => end > at && start <= at + HOUR)) return null;
  return (
    <span class="free-text" aria-hidden="true" style={{ left: `${shareOf(axis, at) * 100}%` }}>
      {text}
    </span>
  );
}

/** Where a new thing at a table would start: now, or when the day opens. */
function defaultStart(axis: Span): number {
  const step = rules.value.step;
  if (isTonight.value) return snap(now.value, step);
  return shownShifts.value[0]?.opens ?? axis.start;
}
