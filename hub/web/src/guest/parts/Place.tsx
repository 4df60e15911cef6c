// Where the restaurant is, how it is reached, and when it is open: today, or on its next open day.
import { Contact } from "../../lib/page/Contact.tsx";
import { formats, now, venue, zone } from "../../lib/page/state.ts";
import { isAllDay, nextOpening } from "../model/opening.ts";
import { words } from "../store/store.ts";

export function Place() {
  const w = words.value;
  const { day, time } = formats.value;
  const next = nextOpening(venue.value?.shifts ?? [], zone.value, now.value);
  const hours = next?.shifts
    .map((shift) => (isAllDay(zone.value, shift) ? w.allDay : `${time(shift.opens)}–${time(shift.closes)}`))
    .join(", ");
  return (
    <div class="place">
      <Contact />
      {next && hours && <p>{next.isToday ? w.openToday(hours) : w.openNext(day(next.date), hours)}</p>}
    </div>
  );
}
