// One bar: a booking, a block or a hold. A tap opens the card, a drag moves it, and so does the key m.
import { useComputed } from "@preact/signals";
import { Icon } from "../../lib/ui/Icon.tsx";
import { Name } from "../../lib/ui/Name.tsx";
import { type Bar, shareOf } from "../model/bars.ts";
import { isShut } from "../model/phase.ts";
import type { Booking, Span } from "../model/types.ts";
import { formats, isStaff, now, words } from "../store/app.ts";
import { lastOf } from "../store/changes.ts";
import { floor, mayWrite } from "../store/days.ts";
import { heldId } from "../store/dragging.ts";
import { namesAt } from "../store/presence.ts";
import { bookingSentence, shownName, sinceText, tablesText } from "../store/sentences.ts";
import { card, freeMenu, openCard } from "../store/windows.ts";
import { placeOf, troubles } from "../store/writes.ts";
import { watchCut } from "./cut.ts";
import { Marks } from "./Marks.tsx";
import { beginKeyMove, beginPointerMove, onBarKey } from "./moving.ts";
import { Trouble } from "./Trouble.tsx";

const FLASH_MS = 4_000;

interface Props {
  bar: Bar;
  axis: Span;
  scroller: HTMLElement | null;
}

export function BarView({ bar, axis, scroller }: Props) {
  const left = Math.max(0, shareOf(axis, bar.start));
  const right = Math.min(1, shareOf(axis, bar.end));
  const style = {
    left: `${left * 100}%`,
    width: `${(right - left) * 100}%`,
    "--lane": bar.lane,
    "--lanes": bar.lanes,
  };
  if (bar.kind !== "booking") return <Shut bar={bar} style={style} />;
  const booking = floor.value.bookings.get(bar.id);
  if (!booking) return null;
  return <BookingBar bar={bar} booking={booking} style={style} scroller={scroller} />;
}

type Style = Record<string, string | number>;

function BookingBar({
  bar,
  booking,
  style,
  scroller,
}: {
  bar: Bar;
  booking: Booking;
  style: Style;
  scroller: HTMLElement | null;
}) {
  // What follows the clock or the others' acts is asked as often as they change, and drawn when its answer does.
  const id = booking.id;
  const label = useComputed(() => labelOf(id)).value;
  const state = useComputed(() =>
    [isNew(id) && "is-new", card.value === id && "is-open", heldId.value === id && "is-held"].filter(Boolean).join(" "),
  ).value;
  const others = useComputed(() => namesAt(id).join(", ")).value;
  const classes = ["bar", bar.isFurther && "is-further", booking.pinned && "is-pinned", state];
  const planned = bar.due === null ? null : (bar.end - bar.due) / (bar.end - bar.start);
  return (
    <div ref={watchCut} class={classes.filter(Boolean).join(" ")} data-phase={bar.phase} style={style}>
      <button
        type="button"
        data-booking={booking.id}
        onClick={() => openCard(booking.id)}
        onKeyDown={(event) => {
          if (event.key === "m" && mayWrite.value) beginKeyMove(event, booking);
          else onBarKey(event);
        }}
        onPointerDown={(event) => {
          if (mayWrite.value) beginPointerMove(event, booking, scroller);
        }}
      >
        <span class="unseen">{label}</span>
        {planned !== null && <span class="over-part" style={{ width: `${planned * 100}%` }} />}
        {bar.phase !== "overdue" && <BarText bar={bar} booking={booking} />}
        {others && (
          <span class="bar-other" aria-hidden="true">
            {[...others][0]}
          </span>
        )}
      </button>
      {bar.phase === "overdue" && <BarText bar={bar} booking={booking} />}
      {!bar.isFurther && troubles.value.has(`bar-${placeOf(booking)}`) && (
        <div class="bar-trouble">
          <Trouble place={`bar-${placeOf(booking)}`} />
        </div>
      )}
    </div>
  );
}

function labelOf(id: number): string {
  const booking = floor.value.bookings.get(id);
  const others = namesAt(id);
  const sentence = booking && bookingSentence(booking);
  return [sentence, others.length > 0 && words.value.card.openBy(others.join(", "))].filter(Boolean).join(". ");
}

/** Whether somebody else changed it a moment ago. */
function isNew(id: number): boolean {
  const last = lastOf.value.get(id);
  return last !== undefined && last.by !== "" && now.value - last.at < FLASH_MS;
}

/** What is read on the bar, or beside one that is over its time: such a bar ends now, and its start is seldom seen. */
function BarText({ bar, booking }: { bar: Bar; booking: Booking }) {
  const w = words.value;
  const since = useComputed(() => sinceOf(booking.id)).value;
  return (
    <span class="bar-text" aria-hidden="true">
      <b>
        {bar.isFurther && <Icon name="joined" />} <Name text={shownName(booking.name)} /> {booking.guests}
      </b>
      <span class="bar-word">
        {since || w.phase[bar.phase]}
        {booking.tables.length > 1 && !bar.isFurther && (
          <>
            {" · "}
            <Icon name="joined" /> {tablesText(booking.tables)}
          </>
        )}
        {booking.pinned && (
          <span class="bar-pin">
            <Icon name="pin" /> {w.card.pinnedShort}
          </span>
        )}
        <Marks booking={booking} short />
      </span>
    </span>
  );
}

function sinceOf(id: number): string {
  const booking = floor.value.bookings.get(id);
  return booking ? sinceText(booking) : "";
}

/** A table that is closed for a while, or kept for who is choosing right now. */
function Shut({ bar, style }: { bar: Bar; style: Style }) {
  const w = words.value;
  const block = bar.kind === "block" ? floor.value.blocks.get(bar.id) : undefined;
  const hold = bar.kind === "hold" ? floor.value.holds.get(bar.id) : undefined;
  const left = hold ? formats.value.countdown(hold.expires - now.value) : "";
  const who = hold?.by ? ` · ${hold.by}` : "";
  const text = block ? [w.phase.block, block.reason].filter(Boolean).join(": ") : `${w.phase.hold} ${left}${who}`;
  const place = `block-${bar.id}`;
  const mayOpen = useComputed(() => isStaff.value && isShut(floor.value.blocks.get(bar.id), now.value)).value;
  const inside = (
    <span class="bar-text">
      <span class="bar-word">{text}</span>
    </span>
  );
  return (
    <div ref={watchCut} class="bar" data-phase={bar.phase} style={style}>
      {bar.kind === "block" && mayOpen ? (
        <button
          type="button"
          onClick={({ clientX: x, clientY: y }) => {
            freeMenu.value = { table: bar.table, start: bar.start, x, y, block: bar.id };
          }}
        >
          {inside}
        </button>
      ) : (
        <p>{inside}</p>
      )}
      <Trouble place={place} />
    </div>
  );
}
