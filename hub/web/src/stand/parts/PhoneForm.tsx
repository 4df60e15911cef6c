// A booking by phone: six fields, with free times offered, and the guest found while typing; more can be unfolded. The
// time that is chosen is held until the form is closed.
import { useEffect, useRef, useState } from "preact/hooks";
import type { WireGuest } from "../../lib/api/wire.ts";
import { HoldLine, useHold, useWish } from "../../lib/hold/HoldLine.tsx";
import { isDate } from "../../lib/time/zone.ts";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { Name } from "../../lib/ui/Name.tsx";
import { isolate } from "../../lib/ui/text.ts";
import { guestBody } from "../model/caller.ts";
import { type Offer, offersOf, unitsFor, withoutHold } from "../model/free.ts";
import { api, formats, now, rules, words } from "../store/app.ts";
import { date, dayOf, live, room, serviceDay, shiftsOf, watchDay } from "../store/days.ts";
import { tableName, upToText } from "../store/sentences.ts";
import { dialog } from "../store/windows.ts";
import { attempt, busy, dismiss, type Exceeding, problemText, troubles, wallBody } from "../store/writes.ts";
import { Anyway } from "./Anyway.tsx";
import { GuestBook, guestFacts, useGuests } from "./GuestBook.tsx";
import { GuestCount } from "./GuestCount.tsx";
import { SaidFields } from "./SaidFields.tsx";
import { Trouble } from "./Trouble.tsx";

const PLACE = "phone";

interface Props {
  table?: number | undefined;
  start?: number | undefined;
  guests?: number | undefined;
}

export function PhoneForm({ table, start, guests: first = 2 }: Props) {
  const w = words.value;
  const f = formats.value;
  const [day, setDay] = useState(date.value);
  const [guests, setGuests] = useState(first);
  const [at, setAt] = useState<number | null>(start ?? null);
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [note, setNote] = useState("");
  const [email, setEmail] = useState("");
  const [occasion, setOccasion] = useState("");
  const [needs, setNeeds] = useState<string[]>([]);
  const [isMore, setMore] = useState(false);
  const [known, setKnown] = useState<WireGuest | null>(null);
  /** Whom the caller was taken for, until something else was written about them. */
  const [left, setLeft] = useState<WireGuest | null>(null);
  const [wasTried, setTried] = useState(false);
  useEffect(() => watchDay(day), [day]);
  const found = useGuests(known ? "" : phone.trim().length >= 3 ? phone : name);
  const close = () => (dialog.value = null);

  const held = dayOf(day);
  const hold = useHold(api);
  const kept = hold.state.value.phase === "held" ? hold.state.value.held : null;
  const only = day === date.value ? table : undefined;
  const offers = offersOf(
    { room: room.value, floor: withoutHold(held.floor.value, kept?.id), shifts: shiftsOf(day), rules: rules.value },
    guests,
    now.value,
    only,
  );
  const chosen = offers.find((offer) => offer.start === at) ?? null;
  const isHeld = chosen?.isHeld ?? false;
  const wish = at === null ? null : { ...wallBody(at), guests, ...(only !== undefined && { table_id: only }) };
  useWish(hold, wish, live.value.state !== "live");
  // What was refused was another wish.
  useEffect(() => dismiss(PLACE), [day, guests, at]);
  const where = (tables: number[]) => tables.map(tableName).join(" + ");
  const unitName = kept ? where(kept.tables) : chosen?.unit?.name;
  const isReaddressed = email.trim().toLowerCase() !== (known?.email ?? "");
  const isReady = name.trim() !== "" && chosen !== null && (unitName !== undefined || isHeld);

  async function book(more?: Exceeding): Promise<void> {
    setTried(true);
    if (!isReady || !chosen) return;
    const token = await hold.token();
    const tables = chosen.unit?.tables ?? [];
    const body = {
      ...wallBody(chosen.start),
      guests,
      ...(token
        ? { hold: token }
        : tables.length > 1
          ? { table_ids: tables }
          : only !== undefined && { table_id: only }),
      guest: guestBody({ name, phone, email }, known),
      ...(note.trim() && { note: note.trim() }),
      ...(occasion.trim() && { occasion: occasion.trim() }),
      ...(needs.length > 0 && { needs }),
      ...more,
    };
    const made = await attempt(PLACE, (key) => api.write("POST", "/bookings", { body, key }));
    if (made === null) return;
    if (token) hold.forget();
    close();
  }

  const another = () => {
    if (known) setLeft(known);
    setKnown(null);
  };
  const pick = (guest: WireGuest) => {
    setKnown(guest);
    setLeft(null);
    setName(guest.name);
    setPhone(guest.phone ?? "");
    setEmail(guest.email ?? "");
    if (guest.usual_guests) setGuests(guest.usual_guests);
  };
  return (
    <Dialog title={w.forms.phone} closeText={w.close} close={close} wide>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void book();
        }}
      >
        <div class="pair">
          <label class="field">
            <span>{w.phone}</span>
            <input
              type="tel"
              autofocus
              autocomplete="off"
              maxLength={32}
              value={phone}
              onInput={({ currentTarget }) => {
                setPhone(currentTarget.value);
                another();
              }}
            />
          </label>
          <label class="field">
            <span>{w.name}</span>
            <input
              autocomplete="off"
              maxLength={255}
              value={name}
              aria-invalid={wasTried && name.trim() === ""}
              onInput={({ currentTarget }) => {
                setName(currentTarget.value);
                another();
              }}
            />
          </label>
        </div>
        <GuestBook found={found} pick={pick} />
        {(known || left) && (
          <p class="card-note" role="status">
            {known ? <Name text={guestFacts(known)} /> : left && w.forms.asNew(isolate(left.name))}
          </p>
        )}
        <GuestCount value={guests} set={setGuests} />
        <label class="field">
          <span>
            {w.forms.day}
            {only !== undefined && ` · ${tableName(only)}`}
          </span>
          <input
            type="date"
            required
            min={serviceDay.value}
            value={day}
            onChange={({ currentTarget }) => {
              if (!isDate(currentTarget.value)) return;
              setDay(currentTarget.value);
              setAt(null);
            }}
          />
        </label>
        {unitsFor(room.value, guests).length > 0 || room.value.tables.size === 0 ? (
          <Times offers={offers} chosen={at} pick={setAt} isKnown={held.wire.value !== null} />
        ) : (
          <p role="status" class="problem">
            {upToText()}
          </p>
        )}
        <HoldLine
          {...{ hold, wish, words: w.hold, problemText, name: where }}
          countdown={f.countdown}
          now={now.value}
        />
        <label class="field">
          <span>{w.forms.note}</span>
          <input
            maxLength={500}
            autocomplete="off"
            value={note}
            onInput={({ currentTarget }) => setNote(currentTarget.value)}
          />
        </label>
        <button type="button" class="more" aria-expanded={isMore} onClick={() => setMore(!isMore)}>
          {w.forms.moreOf}
        </button>
        {isMore && (
          <>
            <label class="field">
              <span>{w.email}</span>
              <input
                type="email"
                maxLength={254}
                autocomplete="off"
                value={email}
                readOnly={known?.has_account ?? false}
                onInput={({ currentTarget }) => setEmail(currentTarget.value)}
              />
            </label>
            {known?.has_account && <p class="card-note">{w.guestBook.ownAccount}</p>}
            {known && isReaddressed && (
              <p class="card-note" role="status">
                {w.forms.emailNoted(isolate(known.name))}
              </p>
            )}
            <SaidFields {...{ occasion, setOccasion, needs, setNeeds }} />
          </>
        )}
        {wasTried && !isReady && (
          <p class="problem" role="alert">
            {name.trim() === "" ? w.forms.nameNeeded : w.forms.chooseTime}
          </p>
        )}
        <Trouble place={PLACE}>
          <Alternatives pick={(instant) => setAt(instant)} />
          <Anyway place={PLACE} text={w.forms.bookAnyway} again={(more) => void book(more)} />
        </Trouble>
        <div class="acts">
          <button type="submit" class="primary" disabled={live.value.state !== "live" || busy.value.has(PLACE)}>
            {w.forms.book}
            {chosen && unitName !== undefined && `: ${f.time(chosen.start)} · ${unitName}`}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface TimesProps {
  offers: Offer[];
  chosen: number | null;
  pick: (at: number) => void;
  isKnown: boolean;
}

function Times({ offers, chosen, pick, isKnown }: TimesProps) {
  const w = words.value;
  const f = formats.value;
  const list = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen, isKnown]);
  if (!isKnown) return <p role="status">{w.loading}</p>;
  return (
    <fieldset class="numbers" ref={list}>
      <legend>{w.forms.freeTimes}</legend>
      {offers.every(({ unit, isHeld }) => unit === null && !isHeld) && <p role="status">{w.forms.noTimes}</p>}
      <div class="chips times">
        {offers.map(({ start, unit, isHeld }) => (
          <button
            type="button"
            key={start}
            aria-pressed={chosen === start}
            disabled={unit === null && !isHeld}
            title={unit?.name}
            onClick={() => pick(start)}
          >
            {f.time(start)}
            {isHeld && <small> {w.phase.hold}</small>}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

/** What the hub offers instead of what was taken meanwhile. */
function Alternatives({ pick }: { pick: (at: number) => void }) {
  const w = words.value;
  const offered = troubles.value.get(PLACE)?.problem.body.alternatives ?? [];
  if (offered.length === 0) return null;
  return (
    <div class="chips">
      <span>{w.forms.instead}</span>
      {offered.map((other) => {
        const start = Date.parse(other.start_at);
        return (
          <button type="button" key={`${start} ${other.table.id}`} onClick={() => pick(start)}>
            {formats.value.time(start)} <bdi>{other.table.name}</bdi>
          </button>
        );
      })}
    </div>
  );
}
