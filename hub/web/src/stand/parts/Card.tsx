// A booking's card. It follows the channel: who changed it and how long ago, and what it is now.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { WireAnswer } from "../../lib/api/wire.ts";
import { useFocusKept } from "../../lib/ui/focus.ts";
import { Icon } from "../../lib/ui/Icon.tsx";
import { Name } from "../../lib/ui/Name.tsx";
import { atTable } from "../model/lists.ts";
import { phaseOf, stayOf } from "../model/phase.ts";
import { readAnswer } from "../model/read.ts";
import type { Booking } from "../model/types.ts";
import { formats, now, words } from "../store/app.ts";
import { floor, isLoaded, isTonight, mayWrite } from "../store/days.ts";
import { hasNote, noteTexts } from "../store/notes.ts";
import { nameOf, shownName, sinceText, tablesText } from "../store/sentences.ts";
import { closeCard } from "../store/windows.ts";
import { busy, cancel, extend, pin, troubles } from "../store/writes.ts";
import { CardChanged } from "./CardChanged.tsx";
import { CardEdit } from "./CardEdit.tsx";
import { CardElsewhere, useElsewhere } from "./CardElsewhere.tsx";
import { CardGuest } from "./CardGuest.tsx";
import { CardMove } from "./CardMove.tsx";
import { Acts } from "./Lists.tsx";
import { SeatElsewhere } from "./SeatElsewhere.tsx";
import { Trouble } from "./Trouble.tsx";

const EXTENSIONS = [15, 30];

export function Card({ id }: { id: number }) {
  const w = words.value;
  const element = useRef<HTMLElement>(null);
  useFocusKept(element);
  const movePressed = useRef<HTMLButtonElement>(null);
  const editPressed = useRef<HTMLButtonElement>(null);
  const [isEditing, setEditing] = useState(false);
  const [isMoving, setMoving] = useState(false);
  const [done, setDone] = useState("");
  const known = useRef<Booking | null>(null);
  const current = floor.value.bookings.get(id) ?? null;
  const told = useElsewhere(id, isLoaded.value && current === null);
  if (current) known.current = current;
  else if (told) known.current = readAnswer(told);
  const booking = known.current;
  useEffect(() => element.current?.focus(), []);
  const place = `card-${id}`;
  return (
    <section
      class="card"
      ref={element}
      tabIndex={-1}
      role="dialog"
      aria-label={`${w.card.title}: ${nameOf(booking?.name ?? "")}`}
    >
      <header class="card-head">
        <h2>
          <Name text={booking ? shownName(booking.name) : w.card.title} />
        </h2>
        <button type="button" class="quiet icon" aria-label={w.close} onClick={closeCard}>
          ✕
        </button>
      </header>
      {!current && <CardElsewhere told={told} />}
      {booking && (
        <>
          <CardChanged booking={booking} />
          <Facts booking={booking} told={current ? null : told} isGone={current === null} />
          {current && (
            <>
              <Acts booking={current} place={place} />
              <CardActs
                booking={current}
                place={place}
                edit={() => {
                  setEditing(!isEditing);
                  setDone("");
                }}
                move={() => setMoving(!isMoving)}
                isEditing={isEditing}
                isMoving={isMoving}
                buttons={{ movePressed, editPressed }}
              />
              <Trouble place={place}>
                <NextOnes place={place} />
                <SeatElsewhere booking={current} place={place} />
              </Trouble>
              {isMoving && (
                <CardMove
                  booking={current}
                  place={place}
                  close={() => {
                    setMoving(false);
                    movePressed.current?.focus();
                  }}
                />
              )}
              {isEditing && (
                <CardEdit
                  booking={current}
                  close={(text = "") => {
                    setEditing(false);
                    setDone(text);
                    editPressed.current?.focus();
                  }}
                />
              )}
              <p class="card-note is-news" role="status">
                {done}
              </p>
              <CardGuest booking={current} />
            </>
          )}
        </>
      )}
    </section>
  );
}

interface FactsProps {
  booking: Booking;
  told: WireAnswer | null;
  isGone: boolean;
}

function Facts({ booking, told, isGone }: FactsProps) {
  const w = words.value;
  const f = formats.value;
  const phase = phaseOf(booking, now.value);
  const { start, end } = stayOf(booking);
  const rows: [string, preact.ComponentChildren][] = [
    [w.card.day, told && f.day(told.service_date)],
    [w.card.time, `${f.time(start)} – ${f.time(end)}`],
    [w.card.tables, `${tablesText(booking.tables)}${booking.pinned ? ` (${w.card.pinned})` : ""}`],
    [
      w.phone,
      booking.phone && (
        <a href={`tel:${booking.phone.replace(/[^\d+]/g, "")}`}>
          <bdi>{booking.phone}</bdi>
        </a>
      ),
    ],
    [w.guestBook.kinds.dietary, hasNote(booking, "dietary") && <Vital text={noteTexts(booking, "dietary")} />],
    [w.card.note, booking.note && <Name text={booking.note} />],
    [w.card.houseNote, booking.houseNote && <Name text={booking.houseNote} />],
    [w.card.occasion, booking.occasion && <Name text={booking.occasion} />],
    [w.card.needs, booking.needs.map((each) => w.needs[each] ?? each).join(", ")],
    [w.card.channel, w.channels[booking.channel] ?? booking.channel],
    [w.card.reference, booking.reference],
  ];
  return (
    <>
      <p class="card-state" data-phase={isGone ? undefined : phase}>
        {!isGone && <span class="entry-mark" aria-hidden="true" />}
        <b>{w.guests(booking.guests)}</b>
        {!isGone && ` · ${sinceText(booking) || w.phase[phase]}`}
        {told && ` · ${w.phase[told.status]}`}
      </p>
      <dl class="facts">
        {rows
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </>
  );
}

function Vital({ text }: { text: string }) {
  return (
    <b>
      <Icon name="nut" /> <Name text={text || words.value.guestBook.noted} />
    </b>
  );
}

interface ActsProps {
  booking: Booking;
  place: string;
  edit: () => void;
  move: () => void;
  isEditing: boolean;
  isMoving: boolean;
  buttons: Record<"movePressed" | "editPressed", RefObject<HTMLButtonElement | null>>;
}

function CardActs({ booking, place, edit, move, isEditing, isMoving, buttons }: ActsProps) {
  const w = words.value;
  const isOff = !mayWrite.value || busy.value.has(place);
  if (booking.status === "finished" || booking.status === "no_show") return null;
  return (
    <div class="acts">
      <button ref={buttons.movePressed} type="button" aria-expanded={isMoving} disabled={isOff} onClick={move}>
        {w.acts.move}
      </button>
      <button ref={buttons.editPressed} type="button" aria-expanded={isEditing} disabled={isOff} onClick={edit}>
        {w.acts.edit}
      </button>
      {booking.status === "seated" &&
        isTonight.value &&
        EXTENSIONS.map((minutes) => (
          <button type="button" key={minutes} disabled={isOff} onClick={() => void extend(booking, minutes, place)}>
            {w.acts.extend(minutes)}
          </button>
        ))}
      <button type="button" disabled={isOff} onClick={() => void pin(booking, !booking.pinned, place)}>
        <Icon name="pin" /> {booking.pinned ? w.acts.unpin : w.acts.pin}
      </button>
      {booking.status !== "seated" && now.value < booking.end && (
        <button type="button" class="danger" disabled={isOff} onClick={() => void cancel(booking, place)}>
          {w.acts.cancel}
        </button>
      )}
    </div>
  );
}

interface Next {
  booking_id: number;
  start_at: string;
  tables: number[];
  could_move_to: number[];
}

/** With a refused extension: who is next, and where they could go. */
function NextOnes({ place }: { place: string }) {
  const w = words.value;
  const next = troubles.value.get(place)?.problem.body.next as Next | undefined;
  if (!next) return null;
  const other = floor.value.bookings.get(next.booking_id);
  const who = nameOf(other?.name ?? "");
  const isFreeNow = (table: number) => atTable(floor.value, table, now.value).present === null;
  const where = next.could_move_to.find(isFreeNow) ?? next.could_move_to[0];
  return (
    <>
      <span>{w.card.nextIs(who, formats.value.time(Date.parse(next.start_at)))}</span>
      {other && where !== undefined && <CardMove booking={other} place={place} only={where} close={() => {}} />}
    </>
  );
}
