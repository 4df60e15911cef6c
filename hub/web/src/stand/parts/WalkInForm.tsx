// A walk-in: a number and a touch. The table that fits best stands first; the others are one touch away.
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { freeUnits, freeUntil, type Unit, withoutHolds } from "../model/free.ts";
import { turnOf } from "../model/read.ts";
import { api, formats, now, rules, words } from "../store/app.ts";
import { mayWrite, room, taken } from "../store/days.ts";
import { dialog } from "../store/windows.ts";
import { attempt, busy, dismiss, type Exceeding } from "../store/writes.ts";
import { Anyway } from "./Anyway.tsx";
import { GuestCount } from "./GuestCount.tsx";
import { Trouble } from "./Trouble.tsx";

const PLACE = "walkin";
const LEAST_MS = 45 * 60_000;
const SHOWN = 6;

interface Choice extends Unit {
  /** Free but for somebody who is choosing it right now. */
  isHeld?: boolean;
}

/** Free for a whole turn first, then free at least for a while, then held; a table that was pointed at before all. */
function choicesFor(guests: number, table: number | undefined): Choice[] {
  const start = now.value;
  const within = { start, end: start + LEAST_MS };
  const whole = freeUnits(room.value, taken.value, guests, { start, end: start + turnOf(rules.value, guests) });
  const short = freeUnits(room.value, taken.value, guests, within);
  const held = freeUnits(room.value, withoutHolds(taken.value), guests, within).map((unit) => ({
    ...unit,
    isHeld: true,
  }));
  const all: Choice[] = [];
  for (const unit of [...whole, ...short, ...held]) if (!all.some(({ name }) => name === unit.name)) all.push(unit);
  const isWanted = ({ tables }: Unit) => table !== undefined && tables.includes(table);
  return [...all.filter(isWanted), ...all.filter((unit) => !isWanted(unit))].slice(0, SHOWN);
}

export function WalkInForm({ table }: { table?: number | undefined }) {
  const w = words.value;
  const [guests, setGuests] = useState<number | null>(null);
  const [name, setName] = useState("");
  const [tried, setTried] = useState<Choice | null>(null);
  const choices = guests === null ? [] : choicesFor(guests, table);
  const close = () => (dialog.value = null);
  // What was refused was another wish.
  useEffect(() => dismiss(PLACE), [guests]);

  async function seat(unit: Choice, more?: Exceeding): Promise<void> {
    setTried(unit);
    const body = { guests, table_ids: unit.tables, ...(name.trim() && { name: name.trim() }), ...more };
    const made = await attempt(PLACE, (key) => api.write("POST", "/walk-ins", { body, key }));
    if (made !== null) close();
  }

  const untilText = (unit: Choice) => {
    if (unit.isHeld) return w.phase.hold;
    const times = unit.tables.map((id) => freeUntil(taken.value, id, now.value)).filter((at) => at !== null);
    return times.length > 0 ? w.forms.nextAt(formats.value.time(Math.min(...times))) : "";
  };
  return (
    <Dialog title={w.forms.walkIn} closeText={w.close} close={close}>
      <div class="form">
        <GuestCount value={guests} set={setGuests} isFirst />
        {guests !== null && choices.length === 0 && (
          <div class="problem" role="alert">
            <span>{w.forms.noTable}</span>
            <button type="button" onClick={() => (dialog.value = { kind: "wait", guests })}>
              {w.forms.toWait}
            </button>
          </div>
        )}
        {choices.length > 0 && (
          <ul class="choices">
            {choices.map((unit, index) => (
              <li key={unit.name}>
                <button
                  type="button"
                  class={index === 0 ? "primary" : ""}
                  disabled={!mayWrite.value || busy.value.has(PLACE)}
                  onClick={() => void seat(unit)}
                >
                  {w.forms.seatAt(unit.name)} <small>{untilText(unit)}</small>
                </button>
              </li>
            ))}
          </ul>
        )}
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
          <Anyway place={PLACE} text={w.forms.seatAnyway} again={(more) => tried && void seat(tried, more)} />
        </Trouble>
      </div>
    </Dialog>
  );
}
