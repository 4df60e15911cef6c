// Closing a table, or the whole area where it stands, for a while: until when, and why.
import { useLayoutEffect, useState } from "preact/hooks";
import { endsOnDay, isFirst, onServiceDay } from "../../lib/time/shifts.ts";
import { localText, MINUTE, nextShowings, wallOf } from "../../lib/time/zone.ts";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { isolate } from "../../lib/ui/text.ts";
import { api, formats, words, zone } from "../store/app.ts";
import { date, floor, mayWrite, room, shownShifts } from "../store/days.ts";
import { nameOf, tableName, tablesText, wayText } from "../store/sentences.ts";
import { dialog, openCard } from "../store/windows.ts";
import { attempt, busy, dismiss, troubles } from "../store/writes.ts";
import { meant, TimeField } from "./TimeField.tsx";
import { Trouble } from "./Trouble.tsx";

const PLACE = "block";
/** So many tables the hub lets a block name. */
const MOST = 64;

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
  const ends = meant(end, isUntilSecond);
  // Another time that is not after the start would be of the next day, of which no block of this one is.
  const isSpan = end.length === 0 || shownShifts.value.length === 0 || endsOnDay(zone.value, ends, shownShifts.value);
  const [wasTried, setTried] = useState(false);
  const [reason, setReason] = useState("");
  const [isWhole, setWhole] = useState(false);
  const area = room.value.areas.get(room.value.tables.get(table)?.areaId ?? 0);
  // What was refused was another request.
  useLayoutEffect(() => dismiss(PLACE), [isWhole, from, until, isSecond, isUntilSecond]);
  const close = () => (dialog.value = null);

  /** `free`: of the area these alone. */
  function send(free?: number[]): void {
    const body = {
      ...(isWhole && area && !free ? { area_id: area.id } : { table_ids: free ?? [table] }),
      start_at: localText(zone.value, begins),
      end_at: localText(zone.value, ends),
      reason: reason.trim(),
    };
    void attempt(PLACE, (key) => api.write("POST", "/blocks", { body, key }), close);
  }

  const refused = troubles.value.get(PLACE)?.problem;
  const inTheWay = (refused?.body.bookings ?? []) as { booking_id: number }[];
  const free = (isWhole && (refused?.body.free_tables as number[] | undefined)) || [];
  // The bookings stand below, each with its card; what else is in the way is named here.
  const taken = isWhole ? w.forms.areaTaken : w.problems.slot_taken;
  const says = refused?.code === "slot_taken" ? [taken, wayText(refused, false)].filter(Boolean).join(" ") : undefined;
  return (
    <Dialog
      title={isWhole && area ? `${w.forms.blockArea}: ${area.name}` : `${w.forms.block}: ${tableName(table)}`}
      closeText={w.close}
      close={close}
    >
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (isSpan) send();
        }}
      >
        {area && (
          <fieldset class="numbers">
            <legend>{w.forms.what}</legend>
            <div class="chips">
              {[false, true].map((whole) => (
                <button
                  type="button"
                  key={String(whole)}
                  aria-pressed={isWhole === whole}
                  onClick={() => setWhole(whole)}
                >
                  {whole ? w.forms.wholeArea(isolate(area.name)) : w.forms.thisTable(isolate(tableName(table)))}
                </button>
              ))}
            </div>
          </fieldset>
        )}
        <div class="pair">
          <TimeField {...{ label: w.forms.from, time: from, setTime: setFrom, instants: begin, isSecond, setSecond }} />
          <TimeField
            {...{ label: w.forms.toTime, time: until, setTime: setUntil, instants: end }}
            isSecond={isUntilSecond}
            setSecond={setUntilSecond}
          />
        </div>
        {wasTried && !isSpan && (
          <p class="problem" role="alert">
            {w.fieldProblems.end_at}
          </p>
        )}
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
        <Trouble place={PLACE} says={says}>
          {inTheWay.length > 0 && (
            <>
              <span>{w.forms.inTheWay}</span>
              <ul class="choices">
                {inTheWay.map(({ booking_id }) => (
                  <li key={booking_id}>
                    <InTheWay id={booking_id} />
                  </li>
                ))}
              </ul>
            </>
          )}
          {free.length > 0 && free.length <= MOST && (
            <button type="button" disabled={!mayWrite.value || busy.value.has(PLACE)} onClick={() => send(free)}>
              {w.forms.closeFree(free.length)}
            </button>
          )}
        </Trouble>
        <div class="acts">
          <button type="submit" class="primary" disabled={!mayWrite.value || busy.value.has(PLACE)}>
            {isWhole && area ? w.forms.closeArea : w.forms.closeIt}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** A booking that is to go somewhere else first: its card says where it could. */
function InTheWay({ id }: { id: number }) {
  const booking = floor.value.bookings.get(id);
  if (!booking) return <>№ {id}</>;
  return (
    <button
      type="button"
      onClick={() => {
        dialog.value = null;
        openCard(id);
      }}
    >
      {formats.value.time(booking.start)} {nameOf(booking.name)} <small>{tablesText(booking.tables)}</small>
    </button>
  );
}
