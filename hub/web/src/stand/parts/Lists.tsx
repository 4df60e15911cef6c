// The lists beside the room: who comes, who sits, who waits, each with what is done with one touch.
import { useRef } from "preact/hooks";
import { useFocusKept } from "../../lib/ui/focus.ts";
import { Name } from "../../lib/ui/Name.tsx";
import { arrivals, done, seated, waiting } from "../model/lists.ts";
import { mayUndo, phaseOf, STEPS } from "../model/phase.ts";
import type { Booking } from "../model/types.ts";
import { formats, now, words } from "../store/app.ts";
import { floor, isLoaded, isTonight, mayWrite, shown } from "../store/days.ts";
import { nameOf, shownName, sinceText, tablesText, undoText } from "../store/sentences.ts";
import { list, openCard } from "../store/windows.ts";
import { act, busy, placeOf, type Verb } from "../store/writes.ts";
import { FreeSoon } from "./FreeSoon.tsx";
import { Marks } from "./Marks.tsx";
import { SeatElsewhere } from "./SeatElsewhere.tsx";
import { Tabs } from "./Tabs.tsx";
import { Trouble } from "./Trouble.tsx";
import { WaitList } from "./WaitList.tsx";

export function Lists() {
  const w = words.value;
  const element = useRef<HTMLElement>(null);
  useFocusKept(element);
  const day = floor.value;
  const [come, sit, wait] = [arrivals(day), seated(day), waiting(day)];
  return (
    <div class="lists" id="lists" tabIndex={-1}>
      <Tabs
        label={w.toList}
        chosen={list}
        options={[
          ["arrivals", w.lists.arrivals, come.length],
          ["seated", w.lists.seated, sit.length],
          ["wait", w.lists.wait, wait.length],
        ]}
      />
      <FreeSoon />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="list-scroll" ref={element} tabIndex={0} aria-label={w.lists[list.value]}>
        {!isLoaded.value ? (
          <p class="empty" role="status">
            {shown.value?.refused.value ? w.noFloor : w.loading}
          </p>
        ) : list.value === "arrivals" ? (
          <>
            <BookingList bookings={come} empty={w.noArrivals} />
            {wait.length > 0 && (
              <>
                <h2 class="list-head">{w.lists.wait}</h2>
                <WaitList entries={wait} />
              </>
            )}
          </>
        ) : list.value === "seated" ? (
          <>
            <BookingList bookings={sit} empty={w.noSeated} />
            <Over />
          </>
        ) : (
          <WaitList entries={wait} />
        )}
      </section>
    </div>
  );
}

function Over() {
  const over = done(floor.value);
  if (over.length === 0) return null;
  return (
    <>
      <h2 class="list-head">{words.value.lists.done}</h2>
      <BookingList bookings={over} empty="" />
    </>
  );
}

function BookingList({ bookings, empty }: { bookings: Booking[]; empty: string }) {
  if (bookings.length === 0) return <p class="empty">{empty}</p>;
  return (
    <ol class="entries">
      {bookings.map((booking) => (
        <BookingEntry key={booking.id} booking={booking} />
      ))}
    </ol>
  );
}

function BookingEntry({ booking }: { booking: Booking }) {
  const w = words.value;
  const phase = phaseOf(booking, now.value);
  const since = sinceText(booking);
  return (
    <li class="entry" data-phase={phase}>
      <button type="button" class="entry-what quiet" onClick={() => openCard(booking.id)}>
        <span class="entry-mark" aria-hidden="true" />
        <span class="entry-time">{formats.value.time(booking.seatedAt ?? booking.start)}</span>
        <span class="entry-name">
          <Name text={shownName(booking.name)} />
        </span>
        <span class="entry-guests">
          <span aria-hidden="true">{booking.guests}</span>
          <span class="unseen">{w.guests(booking.guests)}</span>
        </span>
        <span class="entry-table">{tablesText(booking.tables)}</span>
        <span class="entry-more">
          {since || w.phase[phase]}
          {(phase === "seated" || phase === "overdue") && ` · ${w.since.leaves(formats.value.time(booking.end))}`}
          <Marks booking={booking} />
        </span>
      </button>
      <Acts booking={booking} />
      <Trouble place={placeOf(booking)}>
        <SeatElsewhere booking={booking} place={placeOf(booking)} />
      </Trouble>
    </li>
  );
}

/** "gone": who was here and did not sit has left; to the hub it is finished as well. */
const VERBS: Record<string, (Verb | "gone")[]> = {
  booked: ["seat", "arrive", "no-show"],
  arrived: ["seat", "gone", "no-show"],
  seated: ["finish"],
  no_show: ["seat"],
};

/** What is done with one touch. A party is marked as not come only once it is due. */
export function Acts({ booking, place }: { booking: Booking; place?: string }) {
  const w = words.value;
  const names: Record<Verb | "gone", string> = {
    ...{ arrive: w.acts.arrive, seat: w.acts.seat, finish: w.acts.finish, gone: w.acts.gone },
    ...{ "no-show": w.acts.noShow, undo: place === undefined ? w.acts.undo : undoText(booking) },
  };
  // In the list who is here is to be seated, until their time is over; the card has all that can be done.
  const isSeatedNext = booking.status === "arrived" && place === undefined && now.value < booking.end;
  const verbs = (isTonight.value ? (VERBS[booking.status] ?? []) : []).filter(
    (verb) => verb === "seat" || (!isSeatedNext && (verb !== "no-show" || now.value >= booking.start)),
  );
  // The list takes back what the list does.
  const isOfList = STEPS.has(booking.undo?.action ?? "");
  if (mayUndo(booking, now.value) && (place !== undefined || (isTonight.value && isOfList))) verbs.push("undo");
  if (verbs.length === 0) return null;
  const who = nameOf(booking.name);
  return (
    <div class="acts">
      {verbs.map((verb) => (
        <button
          type="button"
          key={verb}
          class={verb === "seat" || verb === "finish" ? "primary" : ""}
          disabled={!mayWrite.value || busy.value.has(place ?? placeOf(booking))}
          aria-label={w.actOn(names[verb], who)}
          onClick={() => void act(booking, verb === "gone" ? "finish" : verb, {}, place)}
        >
          {names[verb]}
        </button>
      ))}
    </div>
  );
}
