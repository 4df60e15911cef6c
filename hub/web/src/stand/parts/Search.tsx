// Search by name, phone or reference: in the day that is shown at once, in other days by the hub.
import { useEffect, useId, useState } from "preact/hooks";
import type { WireAnswer } from "../../lib/api/wire.ts";
import { Name } from "../../lib/ui/Name.tsx";
import { matches, waiting } from "../model/lists.ts";
import { phaseOf } from "../model/phase.ts";
import type { Waiting } from "../model/types.ts";
import { api, formats, isStaff, now, words } from "../store/app.ts";
import { date, dayOf, floor, goTo, serviceDay } from "../store/days.ts";
import { shownName } from "../store/sentences.ts";
import { list, openCard, openWait, part } from "../store/windows.ts";
import { dayText } from "./CardElsewhere.tsx";

interface Found {
  items: WireAnswer[];
  next: string | null;
}

const NOBODY: Found = { items: [], next: null };
const PAUSE_MS = 250;
/** Of the day that is shown, and of all days. */
const MOST = 20;

export function Search() {
  const [text, setText] = useState("");
  /** What the hub found; null: it is still asked. */
  const [found, setFound] = useState<Found | null>(null);
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const w = words.value;
  const wanted = text.trim();

  useEffect(() => {
    const isAsked = wanted.length >= 2 && isStaff.value;
    setFound(isAsked ? null : NOBODY);
    if (!isAsked) return;
    let isCurrent = true;
    const timer = setTimeout(async () => {
      // Without the hub the day that is shown is searched all the same.
      const told = await api.get<Found>(`/bookings?q=${encodeURIComponent(wanted)}&limit=${MOST}`).catch(() => NOBODY);
      if (isCurrent) setFound(told);
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [wanted]);

  const day = floor.value;
  const all = [...day.bookings.values()].filter((booking) => matches(booking, wanted));
  const here = all.slice(0, MOST);
  // Of this day the hub also knows who is canceled, and whose number was typed as it is dialled here.
  const more = (found?.items ?? []).filter(({ id }) => !here.some((booking) => booking.id === id));
  const ofDay = more.filter(({ service_date }) => service_date === date.value);
  const elsewhere = more.filter(({ service_date }) => service_date !== date.value);
  const waits = waiting(dayOf(serviceDay.value).floor.value).filter((entry) => matches(entry, wanted));
  const isMore = all.length > MOST || (found?.next ?? null) !== null;
  const close = () => {
    setText("");
    setOpen(false);
  };
  const pick = (booking: number, day: string) => {
    close();
    goTo(day);
    openCard(booking);
  };
  const pickWaiting = (entry: Waiting) => {
    close();
    goTo(serviceDay.value);
    list.value = "wait";
    part.value = "list";
    openWait.value = entry.id;
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
              <Hit
                key={booking.id}
                {...booking}
                at={formats.value.time(booking.start)}
                state={w.phase[phaseOf(booking, now.value)]}
                pick={() => pick(booking.id, date.value)}
              />
            ))}
            {ofDay.map((told) => (
              <Hit key={told.id} {...ofTold(told)} pick={() => pick(told.id, told.service_date)} />
            ))}
          </ul>
          {waits.length > 0 && (
            <>
              <p class="list-head">{w.waitNow}</p>
              <ul>
                {waits.map((entry) => (
                  <Hit
                    key={entry.id}
                    {...entry}
                    at={formats.value.time(entry.joined)}
                    state={entry.status === "waiting" ? w.phase.waiting : w.quote[entry.status]}
                    pick={() => pickWaiting(entry)}
                  />
                ))}
              </ul>
            </>
          )}
          {elsewhere.length > 0 && (
            <>
              <p class="list-head">{w.otherDays}</p>
              <ul>
                {elsewhere.map((told) => (
                  <Hit
                    key={told.id}
                    {...ofTold(told)}
                    at={dayText(told)}
                    pick={() => pick(told.id, told.service_date)}
                  />
                ))}
              </ul>
            </>
          )}
          {isMore && <p>{w.moreFound}</p>}
          {here.length + more.length + waits.length === 0 && <p role="status">{found ? w.nothingFound : w.loading}</p>}
        </div>
      )}
    </search>
  );
}

const ofTold = (told: WireAnswer) => ({
  at: formats.value.time(Date.parse(told.start_at)),
  name: told.guest.name,
  guests: told.guests,
  state: words.value.phase[told.status],
});

interface HitProps {
  at: string;
  name: string;
  guests: number;
  state: string;
  pick: () => void;
}

function Hit({ at, name, guests, state, pick }: HitProps) {
  return (
    <li>
      <button type="button" class="quiet" onClick={pick}>
        <b>{at}</b> <Name text={shownName(name)} /> {guests} <small>{state}</small>
      </button>
    </li>
  );
}
