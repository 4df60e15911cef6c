// What a drop would do, shown before it is done: where the bar would stand, and why not where it can't.
import { useComputed } from "@preact/signals";
import { shareOf } from "../model/bars.ts";
import type { Drop, Target } from "../model/drop.ts";
import type { Booking, Span } from "../model/types.ts";
import { dragging, isMeant, pointer, wouldDo } from "../store/dragging.ts";
import { dropText } from "../store/sentences.ts";

/** The ghost in a table's row, if it is meant: this alone follows the drag, and not the row with its bars. */
export function RowGhost({ table, axis }: { table: number; axis: Span }) {
  const meant = useComputed(() => isMeant(table));
  const held = meant.value ? dragging.value : null;
  const drop = held && wouldDo.value;
  return held && drop && <Ghost drop={drop} booking={held.booking} target={held.target} axis={axis} />;
}

/** How what it would do is coloured. */
export function shadeOf(drop: Drop): "is-refused" | "is-tight" | "is-good" | "" {
  if (drop.act === "nothing") return "";
  if (drop.act === "refused") return "is-refused";
  return drop.act === "move" && drop.short > 0 ? "is-tight" : "is-good";
}

interface Props {
  drop: Drop;
  booking: Booking;
  target: Target;
  axis: Span;
}

function Ghost({ drop, booking, target, axis }: Props) {
  const start = drop.act === "move" ? drop.start : booking.status === "seated" ? booking.start : target.start;
  const share = shareOf(axis, start);
  const width = (booking.end - booking.start) / (axis.end - axis.start);
  if (drop.act === "swap") return <span class="ghost is-swap" aria-hidden="true" style={{ left: 0, width: "100%" }} />;
  return (
    <span
      class={`ghost ${shadeOf(drop) || "is-good"}`}
      aria-hidden="true"
      style={{ left: `${share * 100}%`, width: `${width * 100}%` }}
    />
  );
}

/** The same in words, beside the pointer. */
export function DropHint() {
  const held = dragging.value;
  if (!held) return null;
  const drop = wouldDo.value;
  const kind = drop ? shadeOf(drop) : "is-good";
  const mark = { "is-refused": "✕ ", "is-tight": "! ", "is-good": "✓ ", "": "" }[kind];
  // Moved by a transform: nothing else is laid out anew while the pointer goes on.
  const { x, y } = pointer.value;
  const place = held.by === "keys" ? {} : { transform: `translate(${x + 14}px, ${y - 40}px)` };
  return (
    <div class={`drop-hint ${kind} by-${held.by}`} style={place} aria-hidden="true">
      {mark}
      {dropText(drop)}
    </div>
  );
}
