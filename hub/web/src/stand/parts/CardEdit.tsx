// Changing a booking: guests, what is said of it, and of who does not sit yet the day and the time. Where somebody else
// was first, both versions stand side by side.
import { useState } from "preact/hooks";
import { isFirst, onServiceDay } from "../../lib/time/shifts.ts";
import { isDate, wallOf } from "../../lib/time/zone.ts";
import { SaidFields } from "../../lib/ui/SaidFields.tsx";
import type { Booking } from "../model/types.ts";
import { formats, words, zone } from "../store/app.ts";
import { date, floor, mayWrite, serviceDay, shiftsOf } from "../store/days.ts";
import { tablesText } from "../store/sentences.ts";
import { busy, change, dismiss, type Exceeding, troubles, wallBody } from "../store/writes.ts";
import { Anyway } from "./Anyway.tsx";
import { Both } from "./Both.tsx";
import { meant, TimeField } from "./TimeField.tsx";
import { Trouble } from "./Trouble.tsx";

interface Fields {
  /** The service day. */
  day: string;
  time: string;
  /** Of a time that the clock shows twice: the second one. */
  isSecond: boolean;
  guests: number;
  note: string;
  houseNote: string;
  occasion: string;
  needs: string[];
}

/** Refusals of the table that it has: another one may do. */
const OF_TABLES = new Set(["table_too_small", "slot_taken"]);

const fieldsOf = (booking: Booking, day: string): Fields => ({
  day,
  time: wallOf(zone.value, booking.start).time,
  isSecond: !isFirst(zone.value, booking.start),
  guests: booking.guests,
  note: booking.note,
  houseNote: booking.houseNote,
  occasion: booking.occasion,
  needs: booking.needs,
});

const instantsOf = ({ day, time }: Fields): number[] =>
  time === "" ? [] : onServiceDay(zone.value, day, time, shiftsOf(day));

/** Only what the person changed. */
function bodyOf(seen: Fields, wanted: Fields): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  if (wanted.day !== seen.day || wanted.time !== seen.time || wanted.isSecond !== seen.isSecond) {
    const instants = instantsOf(wanted);
    const start = wallBody(meant(instants, wanted.isSecond));
    // The time as it was typed: of one that the clock jumps over the hub says so, with the next one.
    Object.assign(body, instants.length > 1 ? start : { date: start.date, time: wanted.time });
  }
  if (wanted.guests !== seen.guests) body.guests = wanted.guests;
  if (wanted.note !== seen.note) body.note = wanted.note || null;
  if (wanted.houseNote !== seen.houseNote) body.house_note = wanted.houseNote || null;
  if (wanted.occasion !== seen.occasion) body.occasion = wanted.occasion.trim() || null;
  if ([...wanted.needs].sort().join() !== [...seen.needs].sort().join()) body.needs = wanted.needs;
  return body;
}

/** What two versions of it are told apart by. */
const linesOf = (booking: Booking): string[] => [
  formats.value.time(booking.start),
  words.value.guests(booking.guests),
  booking.note,
  booking.houseNote,
  booking.occasion,
  booking.needs.map((each) => words.value.needs[each] ?? each).join(", "),
];

interface Props {
  booking: Booking;
  /** `text`: what became of it, where that is not what was asked for. */
  close: (text?: string) => void;
}

export function CardEdit({ booking, close }: Props) {
  const w = words.value;
  const [seen, setSeen] = useState(booking);
  const [day] = useState(date.value);
  const [wanted, setWanted] = useState(() => fieldsOf(booking, day));
  const [wasAnywhere, setAnywhere] = useState(false);
  const place = `edit-${booking.id}`;
  const trouble = troubles.value.get(place);
  const isConflict = trouble?.problem.status === 412;
  const current = floor.value.bookings.get(booking.id) ?? booking;
  const isSeated = current.status === "seated";
  // Of one that is to keep its table the hub changes it only where that is said.
  const anywhere = { table_id: null, ...(current.pinned && { pinned: false }) };

  /** `isAnywhere`: at another table, which the hub chooses. */
  function send(over: Booking, isAnywhere = false, more?: Exceeding): void {
    // Who sits by now has no other day or time any more: what was typed of it is not asked for.
    const { day: onDay, time, isSecond } = fieldsOf(seen, day);
    const said = { ...wanted, ...(isSeated && { day: onDay, time, isSecond }) };
    const body = { ...bodyOf(fieldsOf(seen, day), said), ...(isAnywhere && anywhere), ...more };
    if (Object.keys(body).length === 0) {
      close();
      return;
    }
    setSeen(seen);
    setAnywhere(isAnywhere);
    void change(over, body, place, ({ tables }) =>
      close(isAnywhere ? w.card.nowAt(tablesText(tables.map(({ id }) => id))) : ""),
    );
  }

  const set = (more: Partial<Fields>) => setWanted({ ...wanted, ...more });
  return (
    <form
      class="form card-edit"
      onSubmit={(event) => {
        event.preventDefault();
        send(seen);
      }}
    >
      {!isSeated && (
        <label class="field">
          <span>{w.card.day}</span>
          <input
            type="date"
            required
            min={serviceDay.value}
            value={wanted.day}
            onChange={({ currentTarget }) => {
              if (isDate(currentTarget.value)) set({ day: currentTarget.value, isSecond: false });
            }}
          />
        </label>
      )}
      <div class="pair">
        {!isSeated && (
          <TimeField
            label={w.card.time}
            time={wanted.time}
            setTime={(time) => set({ time, isSecond: false })}
            instants={instantsOf(wanted)}
            isSecond={wanted.isSecond}
            setSecond={(isSecond) => set({ isSecond })}
          />
        )}
        <label class="field">
          <span>{w.forms.guestCount}</span>
          <input
            type="number"
            min={1}
            max={99}
            required
            value={wanted.guests}
            onInput={({ currentTarget }) => set({ guests: Number(currentTarget.value) })}
          />
        </label>
      </div>
      <label class="field">
        <span>{w.card.note}</span>
        <textarea
          rows={2}
          maxLength={500}
          value={wanted.note}
          onInput={({ currentTarget }) => set({ note: currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>{w.card.houseNote}</span>
        <textarea
          rows={2}
          maxLength={500}
          value={wanted.houseNote}
          onInput={({ currentTarget }) => set({ houseNote: currentTarget.value })}
        />
      </label>
      <SaidFields
        words={w.card}
        names={w.needs}
        {...wanted}
        setOccasion={(occasion) => set({ occasion })}
        setNeeds={(needs) => set({ needs })}
      />
      {isConflict ? (
        <Both
          seen={linesOf(seen)}
          current={linesOf(current)}
          again={() => {
            dismiss(place);
            send(current);
          }}
          leave={() => {
            dismiss(place);
            close();
          }}
        />
      ) : (
        <Trouble
          place={place}
          says={trouble?.problem.code === "table_too_small" && !wasAnywhere ? w.card.keptSmall : undefined}
        >
          {trouble && OF_TABLES.has(trouble.problem.code) && !wasAnywhere && (
            <>
              {current.pinned && <span>{w.card.keptPinned(tablesText(current.tables))}</span>}
              <div class="acts">
                <button type="button" class="primary" disabled={!mayWrite.value} onClick={() => send(seen, true)}>
                  {current.pinned ? w.acts.unpinAnother : w.acts.another}
                </button>
              </div>
            </>
          )}
          <Anyway place={place} text={w.forms.saveAnyway} again={(more) => send(seen, wasAnywhere, more)} />
        </Trouble>
      )}
      <div class="acts">
        <button type="submit" class="primary" disabled={!mayWrite.value || busy.value.has(place) || isConflict}>
          {w.save}
        </button>
        <button type="button" onClick={() => close()}>
          {w.cancel}
        </button>
      </div>
    </form>
  );
}
