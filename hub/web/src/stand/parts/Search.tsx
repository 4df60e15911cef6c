// Search by name, phone or reference: in the day that is shown at once, in other days by the hub.
import { useEffect, useId, useState } from "preact/hooks";
import { Name } from "../../lib/ui/Name.tsx";
import { matches } from "../model/lists.ts";
import { phaseOf } from "../model/phase.ts";
import { api, formats, isStaff, now, words } from "../store/app.ts";
import { date, floor, goTo } from "../store/days.ts";
import { shownName } from "../store/sentences.ts";
import { openCard } from "../store/windows.ts";

interface Found {
  id: number;
  service_date: string;
  start_at: string;
  guests: number;
  guest?: { name?: string | null } | null;
}

const PAUSE_MS = 250;
const SHOWN = 8;

export function Search() {
  const [text, setText] = useState("");
  const [elsewhere, setElsewhere] = useState<Found[]>([]);
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const w = words.value;
  const wanted = text.trim();

  useEffect(() => {
    setElsewhere([]);
    if (wanted.length < 2 || !isStaff.value) return;
    const timer = setTimeout(async () => {
      try {
        const found = await api.get<{ items: Found[] }>(`/bookings?q=${encodeURIComponent(wanted)}&limit=${SHOWN}`);
        setElsewhere(found.items.filter(({ service_date }) => service_date !== date.value));
      } catch {
        // The day that is shown is searched all the same.
      }
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted, date.value]);

  const here = [...floor.value.bookings.values()].filter((booking) => matches(booking, wanted)).slice(0, SHOWN);
  const close = () => {
    setText("");
    setOpen(false);
  };
  const pick = (booking: number, day: string) => {
    close();
    goTo(day);
    openCard(booking);
  };
  return (
    <search
      class="search"
      onFocusCapture={() => setOpen(true)}
      onBlurCapture={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOpen(false);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        close();
        (document.activeElement as HTMLElement | null)?.blur();
      }}
    >
      <label class="unseen" for={id}>
        {w.search}: {w.searchHint}
      </label>
      <input
        id={id}
        data-search
        type="search"
        placeholder={`/ ${w.search}`}
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      {isOpen && wanted !== "" && (
        <div class="found">
          <ul>
            {here.map((booking) => (
              <li key={booking.id}>
                <button type="button" class="quiet" onClick={() => pick(booking.id, date.value)}>
                  <b>{formats.value.time(booking.start)}</b> <Name text={shownName(booking.name)} /> {booking.guests}{" "}
                  <small>{w.phase[phaseOf(booking, now.value)]}</small>
                </button>
              </li>
            ))}
          </ul>
          {elsewhere.length > 0 && (
            <>
              <p class="list-head">{w.otherDays}</p>
              <ul>
                {elsewhere.map((found) => (
                  <li key={found.id}>
                    <button type="button" class="quiet" onClick={() => pick(found.id, found.service_date)}>
                      <b>
                        {formats.value.day(found.service_date)} {formats.value.time(Date.parse(found.start_at))}
                      </b>{" "}
                      <Name text={shownName(found.guest?.name ?? "")} /> {found.guests}
                    </button>
                  </li>
                ))}
              </ul>
            </>
          )}
          {here.length + elsewhere.length === 0 && <p role="status">{w.nothingFound}</p>}
        </div>
      )}
    </search>
  );
}
