// Tables at which a party could sit now, a touch each; of those that are free for a shorter stay it is said until when.
import { isolate } from "../../lib/ui/text.ts";
import { freeUntil, type Seat } from "../model/free.ts";
import { formats, now, words } from "../store/app.ts";
import { mayWrite, takenTonight } from "../store/days.ts";

const SHOWN = 6;

/** "until 20:15", "kept" where somebody is choosing it, "next at 22:00", or nothing. */
export function seatNote({ isHeld, until, tables }: Seat): string {
  const w = words.value;
  if (isHeld) return w.phase.hold;
  if (until !== null) return w.forms.until(formats.value.time(until));
  const next = tables.map((id) => freeUntil(takenTonight.value, id, now.value)).filter((at) => at !== null);
  return next.length > 0 ? w.forms.nextAt(formats.value.time(Math.min(...next))) : "";
}

interface Props {
  seats: Seat[];
  isBusy: boolean;
  seat: (seat: Seat) => void;
  /** Whether the first is what is meant, if nothing is said. */
  isFirstBest?: boolean;
}

export function Seats({ seats, isBusy, seat, isFirstBest = false }: Props) {
  if (seats.length === 0) return null;
  return (
    <ul class="choices">
      {seats.slice(0, SHOWN).map((each, index) => (
        <li key={each.name}>
          <button
            type="button"
            class={isFirstBest && index === 0 ? "primary" : ""}
            disabled={!mayWrite.value || isBusy}
            onClick={() => seat(each)}
          >
            {words.value.forms.seatAt(isolate(each.name))} <small>{seatNote(each)}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}
