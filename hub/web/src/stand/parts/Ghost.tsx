// What a drop would do, shown before it is done: where the bar would stand, and why not where it can't.
import { shareOf } from "../model/bars.ts";
import type { Drop, Target } from "../model/drop.ts";
import type { Booking, Span } from "../model/types.ts";
import { dragging, wouldDo } from "../store/dragging.ts";
import { dropText } from "../store/sentences.ts";

interface Props {
  drop: Drop;
  booking: Booking;
  target: Target;
  axis: Span;
}

export function Ghost({ drop, booking, target, axis }: Props) {
  const start = drop.act === "move" ? drop.start : booking.status === "seated" ? booking.start : target.start;
  const share = shareOf(axis, start);
  const width = (booking.end - booking.start) / (axis.end - axis.start);
  if (drop.act === "swap") return <span class="ghost is-swap" aria-hidden="true" style={{ left: 0, width: "100%" }} />;
  return (
    <span
      class={drop.act === "refused" ? "ghost is-refused" : "ghost is-good"}
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
  const kind = drop?.act === "refused" ? "is-refused" : drop?.act === "nothing" ? "" : "is-good";
  const mark = drop?.act === "refused" ? "✕ " : drop?.act === "nothing" ? "" : "✓ ";
  const place = held.by === "keys" ? {} : { left: `${held.x + 14}px`, top: `${held.y - 40}px` };
  return (
    <div class={`drop-hint ${kind} by-${held.by}`} style={place} aria-hidden="true">
      {mark}
      {dropText(drop)}
    </div>
  );
}
