// Who dines, on their card: how often they came, and what the guest book says of them. A host can add to it.
import { useEffect, useState } from "preact/hooks";
import type { WireGuestDetails, WireGuestNote } from "../../lib/api/wire.ts";
import { Name } from "../../lib/ui/Name.tsx";
import type { Booking } from "../model/types.ts";
import { api, isStaff, words } from "../store/app.ts";
import { live, mayWrite } from "../store/days.ts";
import { knownNotes, noteKey, readGuest } from "../store/notes.ts";
import { attempt, busy } from "../store/writes.ts";
import { guestFacts } from "./GuestBook.tsx";
import { Trouble } from "./Trouble.tsx";

const KINDS = ["dietary", "access", "note"] as const;

/** As the hub knows them now; read anew when their notes become others. */
function useGuest(booking: Booking): WireGuestDetails | null {
  const [guest, setGuest] = useState<WireGuestDetails | null>(null);
  const isLive = live.value.state === "live";
  const key = noteKey(booking);
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
  }, [key, isLive]);
  return guest;
}

export function CardGuest({ booking }: { booking: Booking }) {
  const w = words.value;
  const guest = useGuest(booking);
  const [isWriting, setWriting] = useState(false);
  const [sureOf, setSureOf] = useState(0);
  const place = `guest-${booking.guestId}`;
  if (!isStaff.value || booking.guestId === null || booking.name === "") return null;
  const ids = new Set(booking.guestNotes.map(({ id }) => id));
  const known = guest?.notes ?? knownNotes.value.get(booking.guestId) ?? [];
  const notes = known.filter(({ id }) => ids.has(id));
  const isHidden = guest !== null && booking.guestNotes.length > notes.length;
  const path = `/guests/${booking.guestId}/notes`;
  const remove = ({ id }: WireGuestNote) => attempt(place, (key) => api.write("DELETE", `${path}/${id}`, { key }));
  return (
    <section class="card-guest" aria-label={w.guestBook.title}>
      <h3>{w.guestBook.title}</h3>
      {guest && <p class="card-note">{guestFacts({ ...guest, notes: [] })}</p>}
      {notes.length > 0 && (
        <dl class="facts">
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
      <div class="acts">
        <button
          type="button"
          aria-expanded={isWriting}
          disabled={!mayWrite.value}
          onClick={() => setWriting(!isWriting)}
        >
          {w.guestBook.add}
        </button>
      </div>
      {isWriting && <NewNote path={path} place={place} close={() => setWriting(false)} />}
      <Trouble place={place} />
    </section>
  );
}

function NewNote({ path, place, close }: { path: string; place: string; close: () => void }) {
  const w = words.value;
  const [kind, setKind] = useState<string>(KINDS[0]);
  const [text, setText] = useState("");
  const save = async () => {
    const body = { kind, text: text.trim() };
    if (await attempt(place, (key) => api.write("POST", path, { body, key }))) close();
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
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
