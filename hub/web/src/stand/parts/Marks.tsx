// Small signs of what matters about a booking: an allergy or a diet, a note, an occasion, needs; and that it stays at its table, which a bar
// says by itself. Each has its words.
import { Icon, type IconName } from "../../lib/ui/Icon.tsx";
import type { Booking } from "../model/types.ts";
import { words } from "../store/app.ts";
import { hasNote, noteSentence } from "../store/notes.ts";

interface Mark {
  sign: IconName;
  text: string;
  /** What is read beside it where there is no room for the text. */
  short?: string;
}

function marksOf(booking: Booking): Mark[] {
  const w = words.value;
  const marks: Mark[] = [];
  if (hasNote(booking, "dietary"))
    marks.push({ sign: "nut", text: noteSentence(booking, "dietary"), short: w.guestBook.dietaryShort });
  if (booking.occasion) marks.push({ sign: "star", text: booking.occasion });
  const needs = booking.needs.map((each) => w.needs[each] ?? each);
  if (hasNote(booking, "access")) needs.push(noteSentence(booking, "access"));
  if (needs.length > 0) marks.push({ sign: "needs", text: needs.join(", ") });
  if (booking.note) marks.push({ sign: "note", text: booking.note });
  if (booking.houseNote) marks.push({ sign: "house", text: booking.houseNote });
  return marks;
}

const pinOf = (booking: Booking): Mark[] => (booking.pinned ? [{ sign: "pin", text: words.value.card.pinned }] : []);

export function Marks({ booking, short = false }: { booking: Booking; short?: boolean }) {
  return (
    <>
      {[...marksOf(booking), ...(short ? [] : pinOf(booking))].map(({ sign, text, short: word }) => (
        <span class="mark" key={sign} title={text}>
          {" "}
          <Icon name={sign} />
          {short ? word && ` ${word}` : <bdi> {text}</bdi>}
        </span>
      ))}
    </>
  );
}
