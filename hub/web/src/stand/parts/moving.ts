// How a bar is moved: by pointer over the timeline or the plan, or by keys; each step says what the drop would do.

import { MINUTE } from "../../lib/time/zone.ts";
import { followDrag } from "../../lib/ui/drag.ts";
import { groupsOf, snap } from "../model/bars.ts";
import type { Target } from "../model/drop.ts";
import type { Booking } from "../model/types.ts";
import { rules, say, words } from "../store/app.ts";
import { floor, room } from "../store/days.ts";
import { dragging, pointer, wouldDo } from "../store/dragging.ts";
import { dropText, nameOf } from "../store/sentences.ts";
import { dropOrAsk } from "../store/tight.ts";
import { placeOf } from "../store/writes.ts";

/** So close to a row's edge the neighbour beyond it is meant too: to join the two. */
const NEAR = 0.22;

function targetAt(x: number, y: number, grab: number, booking: Booking): Target | null {
  const under = document.elementFromPoint(x, y);
  const place = under?.closest<HTMLElement>("[data-table]");
  if (!place) return null;
  const table = Number(place.dataset.table);
  const onto = under?.closest<HTMLElement>("[data-booking]")?.dataset.booking;
  const other = onto === undefined || Number(onto) === booking.id ? null : Number(onto);
  const track = place.querySelector<HTMLElement>("[data-axis-start]");
  if (!track) return { table, start: booking.start, onto: other, beside: null };
  const box = track.getBoundingClientRect();
  const [from, to] = [Number(track.dataset.axisStart), Number(track.dataset.axisEnd)];
  const at = from + ((x - box.left) / box.width) * (to - from) - grab;
  const half = (rules.value.step * MINUTE) / 2;
  // Near enough to where it was, it stays there: a move to another table keeps the time that was promised.
  const start = Math.abs(at - booking.start) < half * 1.5 ? booking.start : snap(at + half, rules.value.step);
  const share = (y - box.top) / box.height;
  const neighbour = share < NEAR ? place.previousElementSibling : share > 1 - NEAR ? place.nextElementSibling : null;
  const beside = (neighbour as HTMLElement | null)?.dataset?.table;
  return { table, start, onto: other, beside: beside === undefined ? null : Number(beside) };
}

const isSame = (one: Target, other: Target): boolean =>
  one.table === other.table && one.start === other.start && one.onto === other.onto && one.beside === other.beside;

export function beginPointerMove(down: PointerEvent, booking: Booking, scroller: HTMLElement | null): void {
  const track = (down.currentTarget as HTMLElement).closest<HTMLElement>("[data-axis-start]");
  let grab = 0;
  if (track) {
    const box = track.getBoundingClientRect();
    const [from, to] = [Number(track.dataset.axisStart), Number(track.dataset.axisEnd)];
    grab = from + ((down.clientX - box.left) / box.width) * (to - from) - booking.start;
  }
  const home: Target = { table: booking.tables[0] ?? 0, start: booking.start, onto: null, beside: null };
  followDrag(
    down,
    {
      begin: () => {
        pointer.value = { x: down.clientX, y: down.clientY };
        dragging.value = { booking, target: home, by: "pointer" };
        return true;
      },
      move: (x, y) => {
        const held = dragging.value;
        if (!held) return;
        pointer.value = { x, y };
        const target = targetAt(x, y, grab, booking) ?? home;
        if (!isSame(target, held.target)) dragging.value = { ...held, target };
      },
      drop: () => finish(),
      leave: () => {
        dragging.value = null;
      },
    },
    scroller,
  );
}

function finish(): void {
  const held = dragging.value;
  const what = wouldDo.value;
  dragging.value = null;
  if (!held || !what) return;
  const booking = floor.value.bookings.get(held.booking.id) ?? held.booking;
  say(dropText(what));
  if (what.act === "move" || what.act === "swap") dropOrAsk(booking, what, `bar-${placeOf(booking)}`);
}

const tableOrder = (): number[] =>
  groupsOf(room.value, floor.value).flatMap(({ tables }) => tables.map(({ id }) => id));

/** From now on arrow keys choose table and time, until Enter or Escape. */
export function beginKeyMove(event: Event, booking: Booking): void {
  event.preventDefault();
  const home: Target = { table: booking.tables[0] ?? 0, start: booking.start, onto: null, beside: null };
  dragging.value = { booking, target: home, by: "keys" };
  say(`${words.value.move.started(nameOf(booking.name))} ${words.value.move.help}`);
  addEventListener("keydown", onMoveKey, { capture: true });
}

function endKeyMove(): void {
  removeEventListener("keydown", onMoveKey, { capture: true });
}

function onMoveKey(event: KeyboardEvent): void {
  const held = dragging.value;
  if (!held) {
    endKeyMove();
    return;
  }
  const step = rules.value.step * MINUTE;
  const order = tableOrder();
  const index = order.indexOf(held.target.table);
  const { table, start } = held.target;
  const next: Record<string, Partial<Target>> = {
    ArrowUp: { table: order[Math.max(0, index - 1)] ?? table },
    ArrowDown: { table: order[Math.min(order.length - 1, index + 1)] ?? table },
    ArrowLeft: { start: start - step },
    ArrowRight: { start: start + step },
  };
  const chosen = next[event.key];
  if (chosen) {
    dragging.value = { ...held, target: { ...held.target, ...chosen, onto: null } };
    say(dropText(wouldDo.value));
  } else if (event.key === "Enter" || event.key === " ") {
    endKeyMove();
    finish();
  } else if (event.key === "Escape") {
    endKeyMove();
    dragging.value = null;
    say(words.value.move.left);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Arrow keys go from bar to bar: along a row, and to the nearest bar of the next row that has one. */
export function onBarKey(event: KeyboardEvent): void {
  const bar = event.currentTarget as HTMLElement;
  const row = bar.closest(".row");
  const scope = bar.closest(".timeline");
  if (!row || !scope) return;
  const middle = (each: Element) => {
    const box = each.getBoundingClientRect();
    return box.left + box.width / 2;
  };
  const barsIn = (each: Element | undefined) => [...(each?.querySelectorAll<HTMLElement>("[data-booking]") ?? [])];
  const inRow = barsIn(row).sort((a, b) => middle(a) - middle(b));
  const rows = [...scope.querySelectorAll(".row")];
  const at = rows.indexOf(row);
  const nearest = (candidates: Element[]) => {
    const found = candidates.map(barsIn).find((bars) => bars.length > 0) ?? [];
    return found.sort((a, b) => Math.abs(middle(a) - middle(bar)) - Math.abs(middle(b) - middle(bar)))[0];
  };
  const goal: Record<string, () => HTMLElement | undefined> = {
    ArrowLeft: () => inRow[inRow.indexOf(bar) - 1],
    ArrowRight: () => inRow[inRow.indexOf(bar) + 1],
    ArrowUp: () => nearest(rows.slice(0, at).reverse()),
    ArrowDown: () => nearest(rows.slice(at + 1)),
  };
  if (!(event.key in goal)) return;
  event.preventDefault();
  event.stopPropagation();
  goal[event.key]?.()?.focus();
}
