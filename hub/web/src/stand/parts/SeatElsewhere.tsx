// Their table is not free: which others are, beside the refusal that says so.
import { freeUnits } from "../model/free.ts";
import { turnOf } from "../model/read.ts";
import type { Booking } from "../model/types.ts";
import { now, rules, words } from "../store/app.ts";
import { mayWrite, room, taken } from "../store/days.ts";
import { act, troubles } from "../store/writes.ts";

const SHOWN = 3;
const NOT_FREE = new Set(["slot_taken", "table_too_small"]);

export function SeatElsewhere({ booking, place }: { booking: Booking; place: string }) {
  const code = troubles.value.get(place)?.problem.code ?? "";
  if (!NOT_FREE.has(code) || booking.status === "seated") return null;
  const start = now.value;
  const span = { start, end: start + turnOf(rules.value, booking.guests) };
  const units = freeUnits(room.value, taken.value, booking.guests, span).slice(0, SHOWN);
  return (
    <div class="acts">
      {units.map((unit) => (
        <button
          type="button"
          key={unit.name}
          disabled={!mayWrite.value}
          onClick={() => void act(booking, "seat", { table_ids: unit.tables }, place)}
        >
          {words.value.forms.seatAt(unit.name)}
        </button>
      ))}
    </div>
  );
}
