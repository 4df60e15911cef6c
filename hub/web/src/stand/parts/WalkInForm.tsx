// A walk-in: a number and a touch. The table that fits best stands first; the others are one touch away.
import { useLayoutEffect, useState } from "preact/hooks";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { isolate } from "../../lib/ui/text.ts";
import { inTheWay, LEAST, type Seat, unitsFor, withoutHolds } from "../model/free.ts";
import { api, formats, now, words } from "../store/app.ts";
import { floor, room, takenTonight } from "../store/days.ts";
import { seatsNow } from "../store/seats.ts";
import { nameOf, tableName, upToText } from "../store/sentences.ts";
import { dialog } from "../store/windows.ts";
import { attempt, busy, dismiss, type Exceeding } from "../store/writes.ts";
import { Anyway } from "./Anyway.tsx";
import { GuestCount } from "./GuestCount.tsx";
import { Seats } from "./Seats.tsx";
import { Trouble } from "./Trouble.tsx";

const PLACE = "walkin";

/** Who or what has a table now. */
function wayAt(table: number) {
  const start = now.value;
  return inTheWay(withoutHolds(takenTonight.value), [table], { start, end: start + LEAST })[0];
}

/** Why so many can't be seated at the table that was pointed at. */
function whyNot(table: number, guests: number): string {
  const w = words.value;
  const start = now.value;
  const way = wayAt(table);
  if (!way) return w.move.short(guests - (room.value.tables.get(table)?.seats ?? guests));
  if (way.by.kind === "block") return w.phase.block;
  const booking = floor.value.bookings.get(way.by.id);
  const from = way.start > start ? w.forms.nextAt(formats.value.time(way.start)) : "";
  return [w.refusals.takenBy(nameOf(booking?.name ?? "")), from].filter(Boolean).join(", ");
}

export function WalkInForm({ table }: { table?: number | undefined }) {
  const w = words.value;
  const [guests, setGuests] = useState<number | null>(null);
  const [name, setName] = useState("");
  const [tried, setTried] = useState<Pick<Seat, "tables"> | null>(null);
  const seats = guests === null ? [] : seatsNow(guests, { table });
  const isLeftOut = guests !== null && table !== undefined && !seats[0]?.tables.includes(table);
  // Where nothing but its size speaks against it, staff may seat them there for a reason.
  const isTight = isLeftOut && !wayAt(table);
  const isTooMany = guests !== null && unitsFor(room.value, guests).length === 0;
  const close = () => (dialog.value = null);
  // What was refused was another request.
  useLayoutEffect(() => dismiss(PLACE), [guests]);

  function seat(unit: Pick<Seat, "tables">, more?: Exceeding): void {
    setTried(unit);
    const body = { guests, table_ids: unit.tables, ...(name.trim() && { name: name.trim() }), ...more };
    void attempt(PLACE, (key) => api.write("POST", "/walk-ins", { body, key }), close);
  }

  return (
    <Dialog title={w.forms.walkIn} closeText={w.close} close={close}>
      <div class="form">
        {floor.value.waitlist.size > 0 && <p class="card-note">{w.forms.othersWait(floor.value.waitlist.size)}</p>}
        <GuestCount value={guests} set={setGuests} isFirst />
        {isLeftOut && (
          <div class="problem">
            <span>{w.forms.notHere(isolate(tableName(table)), whyNot(table, guests))}</span>
            {isTight && (
              <Anyway
                place={PLACE}
                text={w.forms.seatAnyway}
                exceed={["seats"]}
                again={(more) => seat({ tables: [table] }, more)}
              />
            )}
          </div>
        )}
        {guests !== null && seats.length === 0 && (
          <div class="problem" role="alert">
            <span>{isTooMany ? upToText() : w.forms.noTable}</span>
            {!isTooMany && (
              <button type="button" onClick={() => (dialog.value = { kind: "wait", guests })}>
                {w.forms.toWait}
              </button>
            )}
          </div>
        )}
        <Seats seats={seats} isBusy={busy.value.has(PLACE)} seat={(unit) => seat(unit)} isFirstBest />
        <label class="field">
          <span>{w.forms.nameIfAny}</span>
          <input
            maxLength={255}
            autocomplete="off"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <Trouble place={PLACE}>
          {!isTight && <Anyway place={PLACE} text={w.forms.seatAnyway} again={(more) => tried && seat(tried, more)} />}
        </Trouble>
      </div>
    </Dialog>
  );
}
