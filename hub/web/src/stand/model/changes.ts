// What changed between two states of a day, one line each: for the line of last changes, and to be spoken. Pure.
import type { WireAct } from "../../lib/api/wire.ts";
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
  | "moved_day"
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
  | "wait_undone"
  | "wait_left"
  | "wait_over";

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
  };
}

/** The other of two that changed tables, as long as that is the last that was done to it. */
function swappedWith(booking: Booking, floor: Floor): Booking | null {
  const other = floor.bookings.get(booking.undo?.swapWith ?? 0);
  return other?.undo?.swapWith === booking.id ? other : null;
}

const came = (booking: Booking): Change => of(booking.status === "seated" ? "walked_in" : "booked", booking, null);

/** What an act of a booking's history was; the booking has all that the history does not tell. Null: nothing to be shown. */
export function changeOfAct(booking: Booking, { action, before, after }: WireAct): Change | null {
  if (!after) return null;
  if (after.status === "canceled") return of("canceled", booking, booking);
  const now = atState(booking, after, after.status);
  if (!before) return action === "booked" || action === "walked_in" ? came(now) : null;
  if (before.status === "canceled") return came(now);
  const was = atState(booking, before, before.status);
  const kind = kindOf(was, now) ?? (action === "noted" ? "noted" : null);
  return kind && of(kind, now, was);
}

/** What became of a booking that is gone from its day, by its last act: a day does not tell why it is gone. */
export const kindOfGone = (kind: ChangeKind, last: WireAct | undefined): ChangeKind =>
  kind === "canceled" && last?.after && last.after.status !== "canceled" ? "moved_day" : kind;

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
    if (!after.bookings.has(booking.id)) changes.push(of("canceled", booking, booking));
  const plain = { booking: null, before: null, wait: null, other: null };
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
    });
  for (const wait of after.waitlist.values()) {
    const was = before.waitlist.get(wait.id);
    const kind = was ? kindOfWait(was, wait) : "waits";
    if (kind) add(kind, wait);
  }
  // Who was seated has a booking since the same moment.
  const seated = new Set(
    [...after.bookings.values()]
      .filter(({ id, channel }) => channel === "waitlist" && !before.bookings.has(id))
      .map(({ guestId }) => guestId),
  );
  for (const wait of before.waitlist.values())
    if (!after.waitlist.has(wait.id)) add(seated.has(wait.guestId) ? "wait_over" : "wait_left", wait);
  return changes;
}

const STEPS = ["waiting", "ready", "here"];

/** Another quote, or another place because somebody else was moved, is no change of this party: its revision stays. */
function kindOfWait(before: Waiting, after: Waiting): ChangeKind | null {
  if (before.revision === after.revision) return null;
  if (before.status === after.status) return before.place === after.place ? null : "wait_moved";
  if (STEPS.indexOf(after.status) < STEPS.indexOf(before.status)) return "wait_undone";
  return after.status === "ready" ? "wait_ready" : "wait_here";
}
