// A booking by phone: six fields, with free times offered, and the guest found while typing; more can be unfolded. The
// time that is chosen is held until the form is closed.
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { WireGuest } from "../../lib/api/wire.ts";
import { HoldLine, useHold, useHoldRequest } from "../../lib/hold/HoldLine.tsx";
import { isDate } from "../../lib/time/zone.ts";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { Name } from "../../lib/ui/Name.tsx";
import { SaidFields } from "../../lib/ui/SaidFields.tsx";
import { isolate } from "../../lib/ui/text.ts";
import { guestBody } from "../model/caller.ts";
import { offersOf, shortAt, unitsFor, withoutHold } from "../model/free.ts";
import { api, formats, now, rules, words } from "../store/app.ts";
import { date, dayOf, live, room, serviceDay, shiftsOf, watchDay } from "../store/days.ts";
import { tableName, upToText } from "../store/sentences.ts";
import { dialog } from "../store/windows.ts";
import { attempt, busy, dismiss, type Exceeding, problemText, wallBody } from "../store/writes.ts";
import { Anyway } from "./Anyway.tsx";
import { GuestBook, guestFacts, useGuests } from "./GuestBook.tsx";
import { GuestCount } from "./GuestCount.tsx";
import { Alternatives, Times } from "./PhoneTimes.tsx";
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
  const short = shortAt(room.value, only, guests);
  // A table that is too small is booked for a reason, and held for nobody.
  const request =
    at === null || short > 0 ? null : { ...wallBody(at), guests, ...(only !== undefined && { table_id: only }) };
  useHoldRequest(hold, request, live.value.state !== "live");
  // What was refused was another request.
  useLayoutEffect(() => dismiss(PLACE), [day, guests, at]);
  const where = (tables: number[]) => tables.map(tableName).join(" + ");
  const unitName = kept ? where(kept.tables) : chosen?.unit?.name;
  const isReaddressed = email.trim().toLowerCase() !== (known?.email ?? "");
  const isReady = name.trim() !== "" && chosen !== null && (unitName !== undefined || isHeld);

  function book(more?: Exceeding): void {
    setTried(true);
    if (!isReady || !chosen) return;
    const token = hold.token(); // once: tried again, it is the same request
    const tables = chosen.unit?.tables ?? [];
    const named = tables.length > 1 ? { table_ids: tables } : only !== undefined && { table_id: only };
    const wanted = {
      ...wallBody(chosen.start),
      guests,
      guest: guestBody({ name, phone, email }, known),
      ...(note.trim() && { note: note.trim() }),
      ...(occasion.trim() && { occasion: occasion.trim() }),
      ...(needs.length > 0 && { needs }),
      ...more,
    };
    void attempt(
      PLACE,
      async (key) => {
        const held = await token;
        const body = { ...wanted, ...(held ? { hold: held } : named) };
        await api.write("POST", "/bookings", { body, key });
        return held;
      },
      (held) => {
        if (held) hold.forget();
        close();
      },
    );
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
    if (!email.trim()) setEmail(guest.email ?? ""); // what was typed is what the caller said
    if (guest.usual_guests) setGuests(guest.usual_guests);
  };
  return (
    <Dialog title={w.forms.phone} closeText={w.close} close={close} wide>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          book();
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
        {short > 0 && (
          <p role="status" class="card-note">
            {isolate(tableName(only ?? 0))}: {w.move.short(short)}
          </p>
        )}
        {unitsFor(room.value, guests).length > 0 || room.value.tables.size === 0 ? (
          <Times offers={offers} chosen={at} pick={setAt} isKnown={held.wire.value !== null} />
        ) : (
          <p role="status" class="problem">
            {upToText()}
          </p>
        )}
        <HoldLine
          {...{ hold, request, words: w.hold, problemText, name: where }}
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
            <SaidFields words={w.card} names={w.needs} {...{ occasion, setOccasion, needs, setNeeds }} />
          </>
        )}
        {wasTried && !isReady && (
          <p class="problem" role="alert">
            {name.trim() === "" ? w.forms.nameNeeded : w.forms.chooseTime}
          </p>
        )}
        <Trouble place={PLACE}>
          <Alternatives place={PLACE} pick={(instant) => setAt(instant)} />
          <Anyway place={PLACE} text={w.forms.bookAnyway} again={(more) => book(more)} />
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
