// The guest book while somebody types: who it may be, how often they came, what must be known.
import { useEffect, useState } from "preact/hooks";
import type { WireGuest, WireGuests } from "../../lib/api/wire.ts";
import { Name } from "../../lib/ui/Name.tsx";
import { api, formats, words } from "../store/app.ts";

const PAUSE_MS = 250;
const LEAST = 3;

export function useGuests(text: string): WireGuest[] {
  const [found, setFound] = useState<WireGuest[]>([]);
  const wanted = text.trim();
  useEffect(() => {
    if (wanted.length < LEAST) {
      setFound([]);
      return;
    }
    let isCurrent = true;
    const timer = setTimeout(async () => {
      try {
        const { items } = await api.get<WireGuests>(`/guests?q=${encodeURIComponent(wanted)}`);
        if (isCurrent) setFound(items.slice(0, 4));
      } catch {
        // Nobody is offered, and the form works without.
      }
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [wanted]);
  return found;
}

type Visits = Pick<WireGuest, "visits" | "no_shows" | "notes"> & { last?: WireGuest["last"] };

export function guestFacts(guest: Visits): string {
  const w = words.value.forms;
  const last = guest.last ? w.lastAt(formats.value.day(guest.last.date), guest.last.table) : "";
  const shows = guest.no_shows ? w.noShows(guest.no_shows) : "";
  const notes = guest.notes.map(({ text }) => text).join("; ");
  return [w.visits(guest.visits), shows, last, notes].filter(Boolean).join(" · ");
}

export function GuestBook({ found, pick }: { found: WireGuest[]; pick: (guest: WireGuest) => void }) {
  if (found.length === 0) return null;
  return (
    <ul class="guests" aria-label={words.value.forms.known}>
      {found.map((guest) => (
        <li key={guest.id}>
          <button type="button" onClick={() => pick(guest)}>
            <b>
              <Name text={guest.name} />
            </b>{" "}
            <bdi>{guest.phone}</bdi>
            <small>{guestFacts(guest)}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}
