// Sentences about bookings and tables: for labels of bars and rows, for the line of changes, for a screen reader.
import type { Problem } from "../../lib/api/problem.ts";
import { mostOf } from "../../lib/room/most.ts";
import { isolate } from "../../lib/ui/text.ts";
import type { Change } from "../model/changes.ts";
import type { Drop } from "../model/drop.ts";
import { minutesLate, minutesOver, minutesSeated, phaseOf, spanOf } from "../model/phase.ts";
import { type Booking, sameTables } from "../model/types.ts";
import { formats, now, words } from "./app.ts";
import { floor, room } from "./days.ts";
import { elsewhere } from "./elsewhere.ts";
import { noteSentence } from "./notes.ts";

/** In an element of its own. */
export const shownName = (name: string): string => name || words.value.walkIn;

/** For how many there is a place to sit together; "" while no table is known. */
export function upToText(): string {
  const most = mostOf({ tables: room.value.tables.values(), combinations: room.value.combinations });
  return most ? words.value.upTo(most.guests, most.isJoined) : "";
}

/** Inside a sentence. */
export const nameOf = (name: string): string => (name === "" ? words.value.walkIn : isolate(name));

export const tableName = (id: number): string => room.value.tables.get(id)?.name ?? `№ ${id}`;

/** "T2-1", or "T2-1 + T2-2" where they are joined. */
export const tablesText = (tables: number[]): string => tables.map((id) => isolate(tableName(id))).join(" + ");

/** "12 min late", "seated 48 min", … or nothing. */
export function sinceText(booking: Booking, at = now.value): string {
  const { since, duration } = words.value;
  const phase = phaseOf(booking, at);
  if (phase === "late" || (phase === "booked" && minutesLate(booking, at) > 0))
    return since.late(duration(minutesLate(booking, at)));
  if (phase === "arrived" && booking.arrivedAt !== null) return since.arrived(formats.value.time(booking.arrivedAt));
  if (phase === "seated") return since.seated(duration(minutesSeated(booking, at)));
  if (phase === "overdue") return since.overdue(duration(minutesOver(booking, at)));
  return "";
}

export function bookingSentence(booking: Booking, at = now.value): string {
  const { said, guests, phase } = words.value;
  const { start, end } = spanOf(booking, at);
  const times = said.span(formats.value.time(start), formats.value.time(end));
  const state = [phase[phaseOf(booking, at)], sinceText(booking, at)].filter(Boolean).join(", ");
  const what = said.booking(nameOf(booking.name), guests(booking.guests), state, times, tablesText(booking.tables));
  const stays = booking.pinned && words.value.card.pinned;
  const known = [noteSentence(booking, "dietary"), noteSentence(booking, "access")];
  return [what, stays, ...known, booking.note, booking.houseNote].filter(Boolean).join(". ");
}

export function changeText(change: Change): string {
  const { changes, guests } = words.value;
  const who = change.booking === null && change.kind.endsWith("blocked") ? change.name : nameOf(change.name);
  const where = tablesText(change.tables);
  const start = change.booking ? formats.value.time(change.booking.start) : "";
  const all = [guests(change.guests), start, where].filter(Boolean).join(", ");
  const day = change.day && formats.value.day(change.day);
  switch (change.kind) {
    case "booked":
      return changes.booked(who, all);
    case "moved_away":
      return changes.moved_away(who, day ?? "");
    case "moved_here":
      return changes.moved_here(who, all, day ?? "");
    case "walked_in": {
      const isFromList = change.booking?.channel === "waitlist";
      return changes[isFromList ? "wait_seated" : "walked_in"](who, [guests(change.guests), where].join(", "));
    }
    case "seated":
    case "finished":
    case "moved":
    case "pinned":
    case "unpinned":
      return changes[change.kind](who, where);
    case "swapped":
      return change.other ? changes.swapped(who, nameOf(change.other.name)) : changes.moved(who, where);
    case "rescheduled": {
      const isMoved = change.before !== null && !sameTables(change.before.tables, change.tables);
      return changes.rescheduled(who, isMoved ? `${start}, ${where}` : start);
    }
    case "extended":
      return changes.extended(who, change.booking ? formats.value.time(change.booking.end) : "");
    case "resized":
    case "waits":
    case "wait_corrected":
      return changes[change.kind](who, guests(change.guests));
    case "blocked":
      return changes.blocked(where, change.name);
    case "wait_moved":
      return changes.wait_moved(who, change.wait?.place ?? 0);
    case "wait_undone":
      return changes.undone(who);
    case "unblocked":
      return changes.unblocked(where);
    default:
      return changes[change.kind](who);
  }
}

/** Who stands in the way of what was refused; "" where nobody is named. */
export function wayText(problem: Problem, withBookings = true): string {
  const { phase, inTheWay } = words.value;
  const names = (problem.body.in_the_way ?? []).map(({ what, id }) => {
    if (what === "block") return [phase.block, isolate(floor.value.blocks.get(id)?.reason ?? "")].join(": ");
    if (what === "hold") return phase.hold;
    if (!withBookings) return "";
    const booking = floor.value.bookings.get(id);
    if (booking) return `${nameOf(booking.name)} ${formats.value.time(spanOf(booking, now.value).start)}`;
    const other = elsewhere.value.get(id);
    return other
      ? `${nameOf(other.guest.name)} ${formats.value.day(other.service_date)}, ${formats.value.time(Date.parse(other.start_at))}`
      : "";
  });
  const known = names.filter(Boolean);
  return known.length === 0 ? "" : inTheWay(known.join(", "));
}

/** "Undo", with what would be taken back. */
export function undoText({ undo, status, channel }: Booking): string {
  const { acts, undoDay, undoOf, undoSwap } = words.value;
  if (!undo) return acts.undo;
  if (undo.day) return undoDay(formats.value.day(undo.day));
  const other = undo.swapWith === null ? null : floor.value.bookings.get(undo.swapWith);
  if (other) return undoSwap(nameOf(other.name));
  const isResized = undo.action === "reschedule" && status === "seated"; // their time stays
  const isFromList = undo.action === "walk_in" && channel === "waitlist";
  return undoOf[isResized ? "resize" : isFromList ? "wait_seat" : undo.action] ?? acts.undo;
}

/** What a drop would do, in words. */
export function dropText(drop: Drop | null): string {
  const { move, refusals } = words.value;
  if (!drop || drop.act === "nothing") return move.stays;
  const nameBy = (id: number) => nameOf(floor.value.bookings.get(id)?.name ?? "");
  if (drop.act === "swap") return move.swap(nameBy(drop.with));
  if (drop.act === "move") {
    const to = move.to(tablesText(drop.tables), formats.value.time(drop.start));
    const joined = drop.joined ? move.joins(isolate(drop.joined)) : "";
    const short = drop.short > 0 ? move.short(drop.short) : "";
    return [to, joined, short].filter(Boolean).join(" · ");
  }
  if (drop.by?.kind === "booking" && drop.why === "taken") return refusals.takenBy(nameBy(drop.by.id));
  if (drop.by?.kind === "block" && drop.why === "taken") {
    const reason = floor.value.blocks.get(drop.by.id)?.reason;
    return [words.value.phase.block, reason && isolate(reason)].filter(Boolean).join(": ");
  }
  if (drop.by?.kind === "hold" && drop.why === "taken") return refusals.held;
  return refusals[drop.why];
}
