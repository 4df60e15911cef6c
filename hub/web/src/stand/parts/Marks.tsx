// Small signs of what matters about a booking: a note, an occasion, needs. Each has its words.
import { Icon, type IconName } from "../../lib/ui/Icon.tsx";
import type { Booking } from "../model/types.ts";
import { words } from "../store/app.ts";

interface Mark {
  sign: IconName;
  text: string;
}

function marksOf(booking: Booking): Mark[] {
  const w = words.value;
  const marks: Mark[] = [];
  if (booking.occasion) marks.push({ sign: "star", text: booking.occasion });
  if (booking.needs.length > 0)
    marks.push({ sign: "needs", text: booking.needs.map((each) => w.needs[each] ?? each).join(", ") });
  if (booking.note) marks.push({ sign: "note", text: booking.note });
  if (booking.houseNote) marks.push({ sign: "house", text: booking.houseNote });
  if (booking.pinned) marks.push({ sign: "pin", text: w.card.pinned });
  return marks;
}

export function Marks({ booking, short = false }: { booking: Booking; short?: boolean }) {
  return (
    <>
      {marksOf(booking).map(({ sign, text }) => (
        <span class="mark" key={sign} title={text}>
          {" "}
          <Icon name={sign} />
          {!short && <bdi> {text}</bdi>}
        </span>
      ))}
    </>
  );
}
