// What changed between two states of a day, one line each: for the line of last changes, and to be spoken. Pure.
import type { WireAct, WireHistory } from "../../lib/api/wire.ts";
import type { Booking, Floor, Status, Waiting } from "./types.ts";

export type ChangeKind =
  | "booked"
  | "walked_in"
  | "arrived"
  | "seated"
  | "finished"
  | "no_show"
  | "undone"
  | "canceled"
  | "moved_away"
  | "moved_here"
  | "gone"
  | "moved"
  | "swapped"
  | "rescheduled"
  | "extended"
  | "resized"
  | "pinned"
  | "unpinned"
  | "noted"
  | "blocked"
  | "unblocked"
  | "waits"
  | "wait_ready"
  | "wait_here"
  | "wait_moved"
  | "wait_corrected"
  | "wait_undone"
  | "wait_left";

export interface Change {
  kind: ChangeKind;
  /** The booking as it is now, or as it was where it is gone. */
  booking: Booking | null;
  before: Booking | null;
  /** The party of the wait list as it is now, or as it was where it is gone. */
  wait: Waiting | null;
  /** The one with whom it changed tables. */
  other: Booking | null;
  tables: number[];
  guests: number;
  name: string;
  /** The other day, of what moved from one to another. */
  day: string | null;
  /** It moved there because a step was taken back. */
  isUndone?: boolean;
}

const ORDER = ["booked", "arrived", "seated", "finished"];

function kindOf(before: Booking, after: Booking): ChangeKind | null {
  if (before.status !== after.status) {
    if (after.status === "no_show") return "no_show";
    const back = ORDER.indexOf(after.status) < ORDER.indexOf(before.status) || before.status === "no_show";
    return back ? "undone" : (after.status as ChangeKind);
  }
  if (before.start !== after.start) return "rescheduled";
  if (before.tables.join() !== after.tables.join()) return after.undo?.swapWith != null ? "swapped" : "moved";
  if (before.guests !== after.guests) return "resized";
  if (before.end !== after.end) return "extended";
  if (before.pinned !== after.pinned) return after.pinned ? "pinned" : "unpinned";
  const said = (each: Booking) =>
    [each.note, each.houseNote, each.occasion, each.name, each.phone, ...each.needs].join("|");
  return said(before) === said(after) ? null : "noted";
}

function of(kind: ChangeKind, booking: Booking, before: Booking | null): Change {
  return {
    kind,
    booking,
    before,
    wait: null,
    other: null,
    tables: booking.tables,
    guests: booking.guests,
    name: booking.name,
    day: null,
  };
}

/** The other of two that changed tables, as long as that is the last that was done to it. */
function swappedWith(booking: Booking, floor: Floor): Booking | null {
  const other = floor.bookings.get(booking.undo?.swapWith ?? 0);
  return other?.undo?.swapWith === booking.id ? other : null;
}

/** Who sits can't be canceled: that they came was a slip of the hand, and was taken back. */
const goneBy = (before: string | undefined): ChangeKind => (before === "seated" ? "undone" : "canceled");

const came = (booking: Booking): Change => of(booking.status === "seated" ? "walked_in" : "booked", booking, null);

/** What an act of a booking's history was on this day; the booking has all that the history does not tell. Null: nothing
 * to be shown. */
export function changeOfAct(booking: Booking, { action, before, after }: WireAct, day: string): Change | null {
  if (!after) return null;
  if (after.service_date !== day) {
    if (before?.service_date !== day) return null;
    const was = atState(booking, before, booking.status);
    return { ...of("moved_away", was, was), day: after.service_date, isUndone: action === "undone" };
  }
  if (after.status === "canceled") return of(goneBy(before?.status), booking, booking);
  const now = atState(booking, after, after.status);
  if (!before) return action === "booked" || action === "walked_in" ? came(now) : null;
  if (before.service_date !== day) return { ...of("moved_here", now, null), day: before.service_date };
  if (before.status === "canceled") return came(now);
  const was = atState(booking, before, before.status);
  const kind = kindOf(was, now) ?? (action === "noted" ? "noted" : null);
  return kind && of(kind, now, was);
}

/** A day does not say why a booking is on it no more, nor where one comes from that is not new: the history does. */
export const isUnsettled = ({ kind, booking }: Change): boolean =>
  kind === "gone" || ((kind === "booked" || kind === "walked_in") && (booking?.revision ?? 1) > 1);

/** Such a change of a day as the booking's history tells it, and the act that it was. */
export function settled(change: Change, history: WireHistory, day: string): { change: Change; act: WireAct | null } {
  const { kind, booking } = change;
  const isOn = (state: WireAct["after"]) => state?.service_date === day && state.status !== "canceled";
  const isThis = ({ before, after }: WireAct) =>
    kind === "gone" ? isOn(before) && !isOn(after) : !isOn(before) && isOn(after);
  const act = history.filter(isThis).at(-1) ?? null;
  if (!act || !booking) return { change, act };
  // A walk-in that was taken back is no booking any more.
  if (!act.after) return { change: act.action === "undone" ? { ...change, kind: "undone" } : change, act };
  const told = changeOfAct(booking, act, day);
  if (!told) return { change, act };
  // What left is known as it was then: a day before that act may have shown an older one.
  const left = told.kind === "moved_away" ? { booking: told.booking, isUndone: told.isUndone === true } : {};
  return { change: { ...change, kind: told.kind, day: told.day, ...left }, act };
}

function atState(booking: Booking, state: NonNullable<WireAct["after"]>, status: Status): Booking {
  const { guests, pinned, revision } = state;
  const span = { start: Date.parse(state.start_at), end: Date.parse(state.end_at) };
  const undo = revision === booking.revision ? booking.undo : null; // of the state that is the present one alone
  return { ...booking, ...span, guests, pinned, revision, status, undo, tables: state.tables.map(({ id }) => id) };
}

export function changesBetween(before: Floor, after: Floor): Change[] {
  const changes: Change[] = [];
  for (const booking of after.bookings.values()) {
    const was = before.bookings.get(booking.id);
    if (!was) changes.push(came(booking));
    else if (was.revision !== booking.revision || was.status !== booking.status) {
      const kind = kindOf(was, booking);
      if (!kind) continue;
      const other = kind === "swapped" ? swappedWith(booking, after) : null;
      // Of a pair one line is enough.
      if (other && other.id < booking.id && before.bookings.get(other.id)?.revision !== other.revision) continue;
      changes.push({ ...of(kind, booking, was), other });
    }
  }
  for (const booking of before.bookings.values())
    if (!after.bookings.has(booking.id))
      changes.push(of(booking.status === "seated" ? "undone" : "gone", booking, booking));
  const plain = { booking: null, before: null, wait: null, other: null, day: null };
  for (const { id, tables, reason } of after.blocks.values())
    if (!before.blocks.has(id)) changes.push({ kind: "blocked", ...plain, tables, guests: 0, name: reason });
  for (const { id, tables, reason } of before.blocks.values())
    if (!after.blocks.has(id)) changes.push({ kind: "unblocked", ...plain, tables, guests: 0, name: reason });
  changes.push(...ofWaitlist(before, after));
  return changes;
}

function ofWaitlist(before: Floor, after: Floor): Change[] {
  const changes: Change[] = [];
  const add = (kind: ChangeKind, wait: Waiting) =>
    changes.push({
      kind,
      booking: null,
      before: null,
      wait,
      other: null,
      tables: [],
      guests: wait.guests,
      name: wait.name,
      day: null,
    });
  for (const wait of after.waitlist.values()) {
    const was = before.waitlist.get(wait.id);
    const kind = was ? kindOfWait(was, wait) : "waits";
    if (kind) add(kind, wait);
  }
  // Who was seated has a booking since the same moment, which says so.
  const seated = new Set(
    [...after.bookings.values()]
      .filter(({ id, channel }) => channel === "waitlist" && !before.bookings.has(id))
      .map(({ guestId }) => guestId),
  );
  for (const wait of before.waitlist.values())
    if (!after.waitlist.has(wait.id) && !seated.has(wait.guestId)) add("wait_left", wait);
  return changes;
}

const STEPS = ["waiting", "ready", "here"];

/** Another quote, or another place because somebody else was moved, is no change of this party: its revision stays. */
function kindOfWait(before: Waiting, after: Waiting): ChangeKind | null {
  if (before.revision === after.revision) return null;
  const who = ({ guests, name, phone }: Waiting) => [guests, name, phone].join("|");
  if (before.status === after.status && who(before) !== who(after)) return "wait_corrected";
  if (before.status === after.status) return before.place === after.place ? null : "wait_moved";
  if (STEPS.indexOf(after.status) < STEPS.indexOf(before.status)) return "wait_undone";
  return after.status === "ready" ? "wait_ready" : "wait_here";
}
