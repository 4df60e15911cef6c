// Small signs of what matters about a booking: a note, an occasion, needs; and that it stays at its table, which a bar
// says by itself. Each has its words.
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
  return marks;
}

const pinOf = (booking: Booking): Mark[] => (booking.pinned ? [{ sign: "pin", text: words.value.card.pinned }] : []);

export function Marks({ booking, short = false }: { booking: Booking; short?: boolean }) {
  return (
    <>
      {[...marksOf(booking), ...(short ? [] : pinOf(booking))].map(({ sign, text }) => (
        <span class="mark" key={sign} title={text}>
          {" "}
          <Icon name={sign} />
          {!short && <bdi> {text}</bdi>}
        </span>
      ))}
    </>
  );
}
