// Somebody who waits for a table: what to tell them comes from the hub.
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { type Seat, unitsIn } from "../model/free.ts";
import { api, formats, now, words } from "../store/app.ts";
import { mayWrite, room, serviceDay, shiftsOf } from "../store/days.ts";
import { seatsNow } from "../store/seats.ts";
import { dialog, list, openWait } from "../store/windows.ts";
import { attempt, busy, dismiss, troubles } from "../store/writes.ts";
import { GuestCount } from "./GuestCount.tsx";
import { Seats } from "./Seats.tsx";
import { Trouble } from "./Trouble.tsx";

const PLACE = "wait";

interface Estimate {
  guests: number;
  ahead: number;
  /** Between when and when they would sit. */
  from: string | null;
  until: string | null;
  state: "open" | "no_wait" | "closed";
}

function useEstimate(guests: number | null, area: number | null): Estimate | null {
  const [found, setFound] = useState<Estimate | null>(null);
  useEffect(() => {
    setFound(null);
    if (guests === null) return;
    let isCurrent = true;
    api.get<Estimate>(`/waitlist/estimate?guests=${guests}${area === null ? "" : `&area=${area}`}`).then(
      (estimate) => isCurrent && setFound(estimate),
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [guests, area]);
  return found;
}

/** Why nobody can wait for a table now. */
function closedText(guests: number, area: number | null): string {
  const { closedDay, problems, quote } = words.value;
  const { time } = formats.value;
  const tonight = shiftsOf(serviceDay.value);
  const [first, last] = [tonight[0], tonight.at(-1)];
  if (unitsIn(room.value, guests, area).length === 0) return problems.table_too_small ?? "";
  if (!first || !last) return closedDay;
  if (now.value < first.opens) return quote.opens(time(first.opens));
  return now.value >= last.closes ? quote.ended(time(last.closes)) : quote.closed(time(last.lastSeating));
}

function estimateText(estimate: Estimate, area: number | null): string {
  const { quote } = words.value;
  if (estimate.state === "no_wait") return quote.noWait;
  if (estimate.state === "closed") return closedText(estimate.guests, area);
  const inMinutes = (text: string) => Math.max(0, Math.round((Date.parse(text) - now.value) / 60_000));
  const range =
    estimate.from && estimate.until ? quote.minutes(inMinutes(estimate.from), inMinutes(estimate.until)) : "";
  return [range, quote.ahead(estimate.ahead)].filter(Boolean).join(" · ");
}

export function WaitForm({ guests: first }: { guests?: number | undefined }) {
  const w = words.value;
  const [guests, setGuests] = useState<number | null>(first ?? null);
  const [area, setArea] = useState<number | null>(null);
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [wasTried, setTried] = useState(false);
  const estimate = useEstimate(guests, area);
  const close = () => (dialog.value = null);
  const lacks = guests === null ? w.forms.chooseGuests : name.trim() === "" ? w.forms.nameNeeded : "";
  const refused = troubles.value.get(PLACE)?.problem.code ?? "";
  const isFree = estimate?.state === "no_wait" || refused === "no_wait";
  const isClosed = estimate?.state === "closed" || refused === "waitlist_closed";
  const seats = guests === null ? [] : seatsNow(guests, { area }).filter(({ isHeld }) => !isHeld);
  // What was refused was another request.
  useLayoutEffect(() => dismiss(PLACE), [guests, area]);
  const who = { ...(name.trim() && { name: name.trim() }), ...(phone.trim() && { phone: phone.trim() }) };

  function join(): void {
    setTried(true);
    if (lacks) return;
    const body = { guests, ...who, ...(area !== null && { area }), ...(isFree && { force: true }) };
    void attempt(
      PLACE,
      (key) => api.write<{ id: number }>("POST", "/waitlist", { body, key }),
      ({ id }) => {
        list.value = "wait";
        openWait.value = id; // with the link for the guest
        close();
      },
    );
  }

  function seat({ tables }: Seat): void {
    const body = { guests, ...who, table_ids: tables };
    void attempt(PLACE, (key) => api.write("POST", "/walk-ins", { body, key }), close);
  }

  const isOff = !mayWrite.value || busy.value.has(PLACE);
  return (
    <Dialog title={w.forms.wait} closeText={w.close} close={close}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          join();
        }}
      >
        <GuestCount value={guests} set={setGuests} isFirst />
        {room.value.areas.size > 1 && <AreaChoice area={area} set={setArea} />}
        <p class="estimate" role="status">
          {estimate ? estimateText(estimate, area) : " "}
        </p>
        <Seats seats={seats} isBusy={busy.value.has(PLACE)} seat={(unit) => seat(unit)} isFirstBest={isFree} />
        <div class="pair">
          <label class="field">
            <span>{w.name}</span>
            <input
              maxLength={255}
              autocomplete="off"
              value={name}
              aria-invalid={wasTried && name.trim() === ""}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          </label>
          <label class="field">
            <span>{w.phone}</span>
            <input
              type="tel"
              maxLength={32}
              autocomplete="off"
              value={phone}
              onInput={({ currentTarget }) => setPhone(currentTarget.value)}
            />
          </label>
        </div>
        {wasTried && lacks && (
          <p class="problem" role="alert">
            {lacks}
          </p>
        )}
        <Trouble
          place={PLACE}
          says={refused === "waitlist_closed" && guests !== null ? closedText(guests, area) : undefined}
        />
        <div class="acts">
          <button type="submit" class={isFree || isClosed ? "" : "primary"} disabled={isOff}>
            {isFree ? w.forms.joinAnyway : w.forms.join}
          </button>
          {isClosed && guests !== null && (
            <button type="button" disabled={isOff} onClick={() => (dialog.value = { kind: "phone", guests })}>
              {w.forms.bookLater}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

function AreaChoice({ area, set }: { area: number | null; set: (area: number | null) => void }) {
  const w = words.value;
  const areas = [...room.value.areas.values()].sort((a, b) => a.rank - b.rank || a.id - b.id);
  return (
    <label class="field">
      <span>{w.forms.where}</span>
      <select value={area ?? ""} onChange={({ currentTarget: { value } }) => set(value === "" ? null : Number(value))}>
        <option value="">{w.forms.anywhere}</option>
        {areas.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
