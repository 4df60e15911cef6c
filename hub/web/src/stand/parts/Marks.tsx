// Small signs of what matters about a booking: an allergy or a diet, a note, an occasion, needs; and that it stays at its
// table, which a bar says by itself. Of who waits, what the guest book says of them. Each has its words.
import { Icon, type IconName } from "../../lib/ui/Icon.tsx";
import type { Booking, OfGuest } from "../model/types.ts";
import { words } from "../store/app.ts";
import { hasNote, noteSentence } from "../store/notes.ts";

interface Mark {
  sign: IconName;
  text: string;
  /** What is read beside it where there is no room for the text. */
  short?: string;
}

const dietOf = (of: OfGuest): Mark[] =>
  hasNote(of, "dietary")
    ? [{ sign: "nut", text: noteSentence(of, "dietary"), short: words.value.guestBook.dietaryShort }]
    : [];

function marksOf(booking: Booking): Mark[] {
  const w = words.value;
  const marks = dietOf(booking);
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
  return <Signs marks={[...marksOf(booking), ...(short ? [] : pinOf(booking))]} short={short} />;
}

/** Of who waits. */
export function GuestMarks({ of }: { of: OfGuest }) {
  const access: Mark[] = hasNote(of, "access") ? [{ sign: "needs", text: noteSentence(of, "access") }] : [];
  return <Signs marks={[...dietOf(of), ...access]} />;
}

function Signs({ marks, short = false }: { marks: Mark[]; short?: boolean }) {
  return (
    <>
      {marks.map(({ sign, text, short: word }) => (
        <span class="mark" key={sign} title={text}>
          {" "}
          <Icon name={sign} />
          {short ? word && ` ${word}` : <bdi> {text}</bdi>}
        </span>
      ))}
    </>
  );
}
