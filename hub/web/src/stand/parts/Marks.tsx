// Small signs of what matters about a booking: a note, an occasion, needs. Each has its words.
import type { Booking } from "../model/types.ts";
import { words } from "../store/app.ts";

interface Mark {
  sign: string;
  text: string;
}

function marksOf(booking: Booking): Mark[] {
  const w = words.value;
  const marks: Mark[] = [];
  if (booking.occasion) marks.push({ sign: "★", text: booking.occasion });
  if (booking.needs.length > 0)
    marks.push({ sign: "♿", text: booking.needs.map((each) => w.needs[each] ?? each).join(", ") });
  if (booking.note) marks.push({ sign: "✎", text: booking.note });
  if (booking.houseNote) marks.push({ sign: "⌂", text: booking.houseNote });
  if (booking.pinned) marks.push({ sign: "⌖", text: w.card.pinned });
  return marks;
}

export function Marks({ booking, short = false }: { booking: Booking; short?: boolean }) {
  return (
    <>
      {marksOf(booking).map(({ sign, text }) => (
        <span class="mark" key={sign} title={text}>
          {" "}
          <span aria-hidden="true">{sign}</span>
          {!short && <bdi> {text}</bdi>}
        </span>
      ))}
    </>
  );
}
