// Where the restaurant is, how it is reached, and when it is open: today, or on its next open day.
import { Contact } from "../../lib/page/Contact.tsx";
import { formats, now, serviceDay, venue, zone } from "../../lib/page/state.ts";
import { nextOpen } from "../model/opening.ts";
import { words } from "../store/store.ts";

export function Place() {
  const w = words.value;
  const { day, time } = formats.value;
  const shifts = nextOpen(venue.value?.shifts ?? [], zone.value, serviceDay.value, now.value);
  const hours = shifts.map(({ opens, closes }) => `${time(opens)}–${time(closes)}`).join(", ");
  const date = shifts[0]?.date;
  return (
    <div class="place">
      <Contact />
      {date && <p>{date === serviceDay.value ? w.openToday(hours) : w.openNext(day(date), hours)}</p>}
    </div>
  );
}
