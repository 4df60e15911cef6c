// The day: written, or one further or back.
import { useId } from "preact/hooks";
import { Act } from "../../lib/page/Act.tsx";
import { serviceDay, venue } from "../../lib/page/state.ts";
import { shiftDate } from "../../lib/time/zone.ts";
import { words } from "../store/store.ts";

export function DayChoice({ date, goTo }: { date: string; goTo: (day: string) => void }) {
  const w = words.value;
  const id = useId();
  const last = shiftDate(serviceDay.value, venue.value?.rules.days_ahead ?? 0);
  return (
    <div class="field">
      <label for={id}>{w.date}</label>
      <span class="day">
        <Act
          class="icon"
          aria-label={w.dayBefore}
          off={date <= serviceDay.value}
          onClick={() => goTo(shiftDate(date, -1))}
        >
          ‹
        </Act>
        <input
          id={id}
          name="date"
          type="date"
          required
          value={date}
          min={serviceDay.value}
          max={last}
          onChange={({ currentTarget }) => currentTarget.value && goTo(currentTarget.value)}
        />
        <Act class="icon" aria-label={w.dayAfter} off={date >= last} onClick={() => goTo(shiftDate(date, 1))}>
          ›
        </Act>
      </span>
    </div>
  );
}
