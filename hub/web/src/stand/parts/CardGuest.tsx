// Who dines, on their card: how often they came, and what the guest book says of them. A host can add to it, and put
// right how they are called and reached.
import { useEffect, useState } from "preact/hooks";
import type { WireGuestDetails, WireGuestNote } from "../../lib/api/wire.ts";
import { Name } from "../../lib/ui/Name.tsx";
import type { Booking } from "../model/types.ts";
import { api, isStaff, words } from "../store/app.ts";
import { live, mayWrite, shown } from "../store/days.ts";
import { knownNotes, readGuest } from "../store/notes.ts";
import { attempt, busy } from "../store/writes.ts";
import { guestFacts } from "./GuestBook.tsx";
import { GuestEdit } from "./GuestEdit.tsx";
import { Trouble } from "./Trouble.tsx";

const KINDS = ["dietary", "access", "note"] as const;

/** As the hub knows them now; read anew whenever the hub tells of their booking: of an e-mail it says no more than that
 * the guest has another one. */
function useGuest(booking: Booking): WireGuestDetails | null {
  const [guest, setGuest] = useState<WireGuestDetails | null>(null);
  const isLive = live.value.state === "live";
  const told = shown.value?.wire.value?.bookings[booking.id];
  useEffect(() => {
    if (!isLive || !isStaff.value || booking.guestId === null) return;
    let isCurrent = true;
    readGuest(booking.guestId).then(
      (found) => isCurrent && setGuest(found),
      () => {}, // what is kept is shown
    );
    return () => {
      isCurrent = false;
    };
  }, [booking.guestId, told, isLive]);
  return guest;
}

export function CardGuest({ booking }: { booking: Booking }) {
  const w = words.value;
  const guest = useGuest(booking);
  const [isWriting, setWriting] = useState(false);
  const [sureOf, setSureOf] = useState(0);
  const [isEditing, setEditing] = useState(false);
  const [done, setDone] = useState("");
  const place = `guest-${booking.guestId}`;
  if (!isStaff.value || booking.guestId === null) return null;
  const isNamed = booking.name !== "";
  const ids = new Set(booking.guestNotes.map(({ id }) => id));
  const known = guest?.notes ?? knownNotes.value.get(booking.guestId) ?? [];
  const notes = known.filter(({ id }) => ids.has(id));
  const isHidden = guest !== null && booking.guestNotes.length > notes.length;
  const path = `/guests/${booking.guestId}/notes`;
  const remove = ({ id }: WireGuestNote) => attempt(place, (key) => api.write("DELETE", `${path}/${id}`, { key }));
  return (
    <section class="card-guest" aria-label={w.guestBook.title}>
      <h3>{w.guestBook.title}</h3>
      {guest && isNamed && <p class="card-note">{guestFacts({ ...guest, notes: [] })}</p>}
      {(notes.length > 0 || guest?.email) && (
        <dl class="facts">
          {guest?.email && (
            <div>
              <dt>{w.email}</dt>
              <dd>
                <a href={`mailto:${guest.email}`}>
                  <bdi>{guest.email}</bdi>
                </a>
              </dd>
            </div>
          )}
          {notes.map((note) => (
            <div key={note.id}>
              <dt>{w.guestBook.kinds[note.kind]}</dt>
              <dd>
                <Name text={note.text} />{" "}
                <button
                  type="button"
                  class="small"
                  disabled={!mayWrite.value || busy.value.has(place)}
                  aria-label={w.actOn(sureOf === note.id ? w.guestBook.removeForGood : w.guestBook.remove, note.text)}
                  // It is not to be had back, so one touch alone does nothing.
                  onClick={() => (sureOf === note.id ? void remove(note) : setSureOf(note.id))}
                >
                  {sureOf === note.id ? w.guestBook.removeForGood : w.guestBook.remove}
                </button>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {isHidden && <p class="card-note">{w.guestBook.hidden}</p>}
      {guest?.has_account && <p class="card-note">{w.guestBook.ownAccount}</p>}
      <div class="acts">
        {guest && !guest.has_account && (
          <button
            type="button"
            aria-expanded={isEditing}
            // What is corrected is what is read: where the floor is ahead, that is on its way.
            disabled={!mayWrite.value || guest.name !== booking.name}
            onClick={() => {
              setEditing(!isEditing);
              setDone("");
            }}
          >
            {isNamed ? w.guestBook.correct : w.guestBook.giveName}
          </button>
        )}
        {isNamed && (
          <button
            type="button"
            aria-expanded={isWriting}
            disabled={!mayWrite.value}
            onClick={() => setWriting(!isWriting)}
          >
            {w.guestBook.add}
          </button>
        )}
      </div>
      {isEditing && guest && (
        <GuestEdit
          guest={guest}
          close={(text = "") => {
            setEditing(false);
            setDone(text);
          }}
        />
      )}
      <p class="card-note is-news" role="status">
        {done}
      </p>
      {isWriting && <NewNote path={path} place={place} close={() => setWriting(false)} />}
      <Trouble place={place} />
    </section>
  );
}

function NewNote({ path, place, close }: { path: string; place: string; close: () => void }) {
  const w = words.value;
  const [kind, setKind] = useState<string>(KINDS[0]);
  const [text, setText] = useState("");
  const save = () => {
    const body = { kind, text: text.trim() };
    void attempt(place, (key) => api.write("POST", path, { body, key }), close);
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <label class="field">
        <span>{w.guestBook.kind}</span>
        <select value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value)}>
          {KINDS.map((each) => (
            <option key={each} value={each}>
              {w.guestBook.kinds[each]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{w.guestBook.text}</span>
        <input required maxLength={500} value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      </label>
      {kind === "dietary" && <p class="card-note">{w.guestBook.kept}</p>}
      <button type="submit" class="primary" disabled={!mayWrite.value || busy.value.has(place) || !text.trim()}>
        {w.guestBook.save}
      </button>
    </form>
  );
}
