// What the guest book says of guests who sit, or wait, on a day. The floor says which notes there are; what they say is asked of
// the hub when they become others, and is kept, so that it can be read and printed while the hub is away.
import { computed, effect, signal, untracked } from "@preact/signals";
import type { WireGuestDetails, WireGuestNote } from "../../lib/api/wire.ts";
import type { Floor, OfGuest } from "../model/types.ts";
import { api, isStaff, words } from "./app.ts";
import { heldDays, keptDates, live, shown } from "./days.ts";

/** By guest, as they were last read. */
export const knownNotes = signal(new Map<number, WireGuestNote[]>());

/** What the house must know while they sit: notes of these kinds are in lists, on bars and on paper. */
export const VITAL = ["dietary", "access"];
/** By guest, the notes that were asked for, as the floor named them. */
const asked = new Map<number, string>();

export const isVital = ({ guestNotes }: OfGuest): boolean => guestNotes.some(({ kind }) => VITAL.includes(kind));
/** Who has such notes, booked or waiting. */
export const vitalOf = ({ bookings, waitlist }: Floor): OfGuest[] =>
  [...bookings.values(), ...waitlist.values()].filter(isVital);
export const noteKey = ({ guestId, guestNotes }: OfGuest): string =>
  [guestId, ...guestNotes.map(({ id }) => id)].join();
export const readGuest = (guest: number): Promise<WireGuestDetails> => api.get<WireGuestDetails>(`/guests/${guest}`);

/** The texts of one kind; "" while they are not known, or not for who asks. */
export function noteTexts({ guestId, guestNotes }: OfGuest, kind: string): string {
  const ids = guestNotes.filter((each) => each.kind === kind).map(({ id }) => id);
  const known = knownNotes.value.get(guestId ?? 0) ?? [];
  return known
    .filter(({ id }) => ids.includes(id))
    .map(({ text }) => text)
    .join("; ");
}

export const hasNote = ({ guestNotes }: OfGuest, kind: string): boolean =>
  guestNotes.some((each) => each.kind === kind);

/** "Allergy or diet: no nuts"; the words alone where the text is not known; "" where there is no such note. */
export function noteSentence(of: OfGuest, kind: "dietary" | "access"): string {
  if (!hasNote(of, kind)) return "";
  return [words.value.guestBook.kinds[kind], noteTexts(of, kind)].filter(Boolean).join(": ");
}

const isLive = computed(() => live.value.state === "live");

/** Reads them whenever the line is there, and of each day that is looked at. Gives what ends and forgets it. */
export function startNotes(): () => void {
  const stop = effect(() => {
    if (isLive.value && shown.value) untracked(learnNotes);
  });
  return () => {
    stop();
    asked.clear();
    knownNotes.value = new Map();
  };
}

/** Reads what vital notes say that are new, on the days that are kept and the one that is shown. */
export function learnNotes(): void {
  if (!isLive.value || !isStaff.value) return;
  const days = heldDays().filter(({ date }) => date === shown.value?.date || keptDates.value.includes(date));
  for (const each of days.flatMap(({ floor }) => vitalOf(floor.value))) void learn(each);
}

async function learn(who: OfGuest): Promise<void> {
  const [guest, of] = [who.guestId, noteKey(who)];
  if (guest === null || asked.get(guest) === of) return;
  asked.set(guest, of);
  try {
    const { notes } = await readGuest(guest);
    if (asked.get(guest) === of) knownNotes.value = new Map(knownNotes.value).set(guest, notes ?? []);
  } catch {
    asked.delete(guest); // asked again when the hub is next heard; until then the sign has no text
  }
}
