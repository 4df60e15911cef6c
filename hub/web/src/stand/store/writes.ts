// What a host does: each verb as one call, its refusal shown beside the control that asked.
import { effect, signal } from "@preact/signals";
import { newKey } from "../../lib/api/client.ts";
import { isUnknown, Problem } from "../../lib/api/problem.ts";
import type { WireAnswer } from "../../lib/api/wire.ts";
import { startBody } from "../../lib/time/shifts.ts";
import type { Drop } from "../model/drop.ts";
import { mayUndo } from "../model/phase.ts";
import { type Booking, type Floor, sameTables, type Waiting } from "../model/types.ts";
import { api, words, zone } from "./app.ts";
import type { NotedChange } from "./changes.ts";
import { learnElsewhere } from "./elsewhere.ts";
import { upToText, wayText } from "./sentences.ts";

export interface Trouble {
  problem: Problem;
  /** The same action again, with the same key; null where that could not help. */
  again: (() => void) | null;
  /** What it is about, as it was when it was refused, and as it is; null: no state of the day. */
  about: { was: string; is: () => string } | null;
}

/** By the place where it is shown. */
export const troubles = signal(new Map<string, Trouble>());
/** Places whose call is under way. */
export const busy = signal(new Set<string>());

function put<K, V>(map: Map<K, V>, key: K, value: V | null): Map<K, V> {
  const next = new Map(map);
  if (value === null) next.delete(key);
  else next.set(key, value);
  return next;
}

export const dismiss = (place: string): void => {
  troubles.value = put(troubles.value, place, null);
};

// What is asked about a state goes with that state, also while nobody looks at it.
effect(() => {
  for (const [place, { about }] of troubles.value) if (about && about.is() !== about.was) dismiss(place);
});

/** Whose refusals these are: what was asked by somebody who has left is told to nobody. */
let whose = 0;

export function clearTroubles(): void {
  whose++;
  troubles.value = new Map();
}

/**
 * Does `act`, and then `done`, at the first time or when it is tried again; a refusal is shown at `place`, for as long
 * as what `about` says of it stays the same.
 */
export async function attempt<T>(
  place: string,
  act: (key: string) => Promise<T>,
  done: (answer: T) => void = () => {},
  about: (problem: Problem) => (() => string) | null = () => null,
  key = newKey(),
): Promise<void> {
  if (busy.value.has(place)) return;
  const mine = whose;
  busy.value = new Set([...busy.value, place]);
  dismiss(place);
  try {
    done(await act(key));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    await learnElsewhere(problem);
    if (mine !== whose) return;
    const again = isUnknown(problem) ? () => void attempt(place, act, done, about, key) : null;
    const is = about(problem);
    troubles.value = put(troubles.value, place, { problem, again, about: is && { was: is(), is } });
  } finally {
    busy.value = new Set([...busy.value].filter((each) => each !== place));
  }
}

/** What staff pass over, and why, as the hub takes it. */
export interface Exceeding {
  exceed: string[];
  reason: string;
}

export function problemText(problem: Problem): string {
  const rule = problem.body.exceed?.at(-1); // those before it were passed over already
  const text =
    (problem.code === "table_too_small" && rule === undefined ? upToText() || null : null) ??
    words.value.exceeds[rule ?? ""] ??
    words.value.problems[problem.code] ??
    words.value.problems.internal ??
    problem.message;
  const way = wayText(problem);
  return way ? `${text} ${way}` : text;
}

export const placeOf = (booking: { id: number }): string => `booking-${booking.id}`;
export const waitPlace = (entry: { id: number }): string => `wait-${entry.id}`;

export type Verb = "arrive" | "seat" | "finish" | "no-show" | "undo";

export const act = (booking: Booking, verb: Verb, body: object = {}, place = placeOf(booking)): Promise<void> =>
  attempt(place, (key) =>
    api.write("POST", `/bookings/${booking.id}/${verb}`, { body, key, revision: booking.revision }),
  );

export const extend = (booking: Booking, minutes: number, place: string): Promise<void> =>
  attempt(place, (key) =>
    api.write("POST", `/bookings/${booking.id}/extend`, { body: { minutes }, key, revision: booking.revision }),
  );

export const cancel = (booking: Booking, place: string): Promise<void> =>
  attempt(place, (key) => api.write("DELETE", `/bookings/${booking.id}`, { key, revision: booking.revision }));

export const change = (
  { id, revision }: Booking,
  body: object,
  place: string,
  done: (answer: WireAnswer) => void,
): Promise<void> =>
  attempt(place, (key) => api.write<WireAnswer>("PATCH", `/bookings/${id}`, { body, key, revision }), done);

/** Where and when a start is, as the hub takes it. */
export const wallBody = (start: number): { date: string; time: string } => startBody(zone.value, start);

/** Does what a drop showed that it would do; `more`: why, where that needs a reason. */
export function drop(booking: Booking, what: Drop, place: string, more?: Exceeding): Promise<void> {
  const { id, revision } = booking;
  if (what.act === "swap")
    return attempt(place, (key) =>
      api.write("POST", `/bookings/${id}/table`, { body: { swap_with: what.with }, key, revision }),
    );
  if (what.act !== "move") return Promise.resolve();
  if (what.start === booking.start)
    return attempt(place, (key) =>
      api.write("POST", `/bookings/${id}/table`, { body: { table_ids: what.tables, ...more }, key, revision }),
    );
  // The time and the tables in one write: both are changed, or nothing is.
  const isElsewhere = !sameTables(what.tables, booking.tables);
  const body = { ...wallBody(what.start), ...(isElsewhere && { table_ids: what.tables }), ...more };
  return attempt(place, (key) => api.write("PATCH", `/bookings/${id}`, { body, key, revision }));
}

/** Whether it is to keep its tables. */
export const pin = (booking: Booking, pinned: boolean, place: string): Promise<void> =>
  attempt(place, (key) =>
    api.write("POST", `/bookings/${booking.id}/table`, { body: { pinned }, key, revision: booking.revision }),
  );

export type WaitVerb = "ready" | "here" | "leave" | "seat";

export const actWaiting = (
  { id, revision }: Waiting,
  verb: WaitVerb,
  body: object = {},
  done?: () => void,
  about?: (problem: Problem) => (() => string) | null,
): Promise<void> =>
  attempt(
    waitPlace({ id }),
    (key) => api.write("POST", `/waitlist/${id}/${verb}`, { body, key, revision }),
    done,
    about,
  );

export const unblock = (id: number, place: string): Promise<void> =>
  attempt(place, (key) => api.write("DELETE", `/blocks/${id}`, { key }));

/** Why a party gets another place. */
export const REASONS = ["asked", "fits", "needs", "mistake", "other"] as const;
export type Reason = (typeof REASONS)[number];

/** Another place, with its reason; or what was written of the party, put right. */
export const changeWaiting = (
  { id, revision }: Waiting,
  body: object,
  place: string,
  done?: () => void,
): Promise<void> => attempt(place, (key) => api.write("PATCH", `/waitlist/${id}`, { body, key, revision }), done);

/** Whether a change can be taken back from the line of changes: it is the last of its booking. */
export function mayTakeBack(noted: NotedChange, floor: Floor, at: number): boolean {
  if (noted.wait) return mayTakeBackWait(noted.kind, noted.wait, floor, at - noted.at);
  const current = noted.booking && floor.bookings.get(noted.booking.id);
  if (noted.kind === "canceled" || noted.kind === "moved_away")
    return !current && !noted.isUndone && at - noted.at < UNDO_MS;
  if (!current?.undo || !noted.booking?.undo || !mayUndo(current, at)) return false;
  const { action, until } = noted.booking.undo;
  return current.undo.action === action && current.undo.until === until && DONE.has(noted.kind);
}

/** What was done by a step that can be taken back; not a note, after which that step still can be. */
const DONE = new Set([
  ...["walked_in", "arrived", "seated", "finished", "no_show"],
  ...["moved", "moved_here", "swapped", "rescheduled", "resized", "extended", "pinned", "unpinned"],
]);
/** For so long the hub takes a step back, a cancellation too. */
const UNDO_MS = 600_000;
const WAIT_STEPS = new Set(["wait_ready", "wait_here", "wait_moved"]);

function mayTakeBackWait(kind: string, wait: Waiting, floor: Floor, age: number): boolean {
  if (age >= UNDO_MS) return false;
  const current = floor.waitlist.get(wait.id);
  return kind === "wait_left" ? !current : WAIT_STEPS.has(kind) && current?.revision === wait.revision;
}

export function takeBack({ kind, booking, wait, key: number }: NotedChange, floor: Floor): Promise<void> {
  const place = `change-${number}`;
  if (wait) {
    // To leave was a step too, after which no floor shows the party.
    const revision = kind === "wait_left" ? wait.revision + 1 : wait.revision;
    return attempt(place, (key) => api.write("POST", `/waitlist/${wait.id}/undo`, { body: {}, key, revision }));
  }
  if (!booking) return Promise.resolve();
  // Of what was moved to another day no more is known here than that this was its last step then.
  const moved = kind === "moved_away" ? booking.revision + 1 : undefined;
  const revision = floor.bookings.get(booking.id)?.revision ?? moved;
  return attempt(place, (key) => api.write("POST", `/bookings/${booking.id}/undo`, { body: {}, key, revision }));
}
