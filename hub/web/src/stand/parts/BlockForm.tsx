// Closing a table for a while: until when, and why.
import { useState } from "preact/hooks";
import { isFirst, onServiceDay } from "../../lib/time/shifts.ts";
import { localText, MINUTE, nextShowings, wallOf } from "../../lib/time/zone.ts";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { api, formats, words, zone } from "../store/app.ts";
import { date, floor, mayWrite, shownShifts } from "../store/days.ts";
import { nameOf, tableName } from "../store/sentences.ts";
import { dialog } from "../store/windows.ts";
import { attempt, busy, troubles } from "../store/writes.ts";
import { meant, TimeField } from "./TimeField.tsx";
import { Trouble } from "./Trouble.tsx";

const PLACE = "block";

export function BlockForm({ table, start }: { table: number; start: number }) {
  const w = words.value;
  const closes = shownShifts.value.at(-1)?.closes ?? start + 2 * 3_600_000;
  const minute = Math.floor(start / MINUTE) * MINUTE;
  const proposed = wallOf(zone.value, minute).time;
  const [from, setFrom] = useState(proposed);
  const [until, setUntil] = useState(wallOf(zone.value, closes).time);
  // As it was proposed it may be the second time that the clock shows it.
  const [isSecond, setSecond] = useState(!isFirst(zone.value, minute));
  const [isUntilSecond, setUntilSecond] = useState(false);
  const typed = from === "" ? [] : onServiceDay(zone.value, date.value, from, shownShifts.value);
  const begin = typed.includes(minute) || from !== proposed ? typed : [minute];
  const begins = meant(begin, isSecond);
  const end = until === "" || from === "" ? [] : nextShowings(zone.value, begins, until);
  const [reason, setReason] = useState("");
  const close = () => (dialog.value = null);

  async function send(): Promise<void> {
    const body = {
      table_ids: [table],
      start_at: localText(zone.value, begins),
      end_at: localText(zone.value, meant(end, isUntilSecond)),
      reason: reason.trim(),
    };
    if ((await attempt(PLACE, (key) => api.write("POST", "/blocks", { body, key }))) !== null) close();
  }

  const inTheWay = (troubles.value.get(PLACE)?.problem.body.bookings ?? []) as { booking_id: number }[];
  return (
    <Dialog title={`${w.forms.block}: ${tableName(table)}`} closeText={w.close} close={close}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <div class="pair">
          <TimeField {...{ label: w.forms.from, time: from, setTime: setFrom, instants: begin, isSecond, setSecond }} />
          <TimeField
            {...{ label: w.forms.toTime, time: until, setTime: setUntil, instants: end }}
            isSecond={isUntilSecond}
            setSecond={setUntilSecond}
          />
        </div>
        <label class="field">
          <span>{w.forms.reason}</span>
          <input
            autofocus
            maxLength={120}
            required
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </label>
        <Trouble place={PLACE}>
          {inTheWay.length > 0 && (
            <ul>
              <li>{w.forms.inTheWay}</li>
              {inTheWay.map(({ booking_id }) => {
                const booking = floor.value.bookings.get(booking_id);
                return (
                  <li key={booking_id}>
                    {booking ? `${formats.value.time(booking.start)} ${nameOf(booking.name)}` : `№ ${booking_id}`}
                  </li>
                );
              })}
            </ul>
          )}
        </Trouble>
        <div class="acts">
          <button type="submit" class="primary" disabled={!mayWrite.value || busy.value.has(PLACE)}>
            {w.forms.closeIt}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
