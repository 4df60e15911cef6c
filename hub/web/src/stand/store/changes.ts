// The last changes of the day that is shown, who made them, and the way back. Each is said once to who listens.
import { signal } from "@preact/signals";
import type { WireActor, WireHistory } from "../../lib/api/wire.ts";
import { isolate } from "../../lib/ui/text.ts";
import { type Change, changesBetween, isUnsettled, settled } from "../model/changes.ts";
import { account, api, now, say, words } from "./app.ts";
import { type DayChanged, date } from "./days.ts";
import { changeText } from "./sentences.ts";

export interface NotedChange extends Change {
  key: number;
  date: string;
  at: number;
  /** Who made it, once known; "": it is ours. */
  by: string | null;
}

export const changes = signal<NotedChange[]>([]);
/** The last change of each booking: for "changed by Ana 3 s ago", and for what flashes. */
export const lastOf = signal(new Map<number, NotedChange>());

export type Found = Omit<NotedChange, "key" | "date">;

const KEPT = 30;
const ASKED_AT_ONCE = 6;
let count = 0;
/** Whose changes these are: what was asked for somebody who has left is told to nobody. */
let whose = 0;

export function clearChanges(): void {
  whose++;
  changes.value = [];
  lastOf.value = new Map();
}

export function onChanged({ date: day, before, after }: DayChanged): void {
  const found = changesBetween(before, after);
  const noted = note(
    found.filter((change) => !isUnsettled(change)).map((each) => ({ ...each, at: now.value, by: null })),
    day,
  );
  for (const change of noted.slice(0, ASKED_AT_ONCE)) void learnWho(change);
  void settle(found.filter(isUnsettled).slice(0, KEPT), day, now.value);
}

function note(found: Found[], day: string): NotedChange[] {
  if (found.length === 0) return [];
  const noted = found.map((change): NotedChange => ({ ...change, key: ++count, date: day }));
  changes.value = [...noted.reverse(), ...changes.value].sort((a, b) => b.at - a.at).slice(0, KEPT);
  const last = new Map(lastOf.value);
  for (const change of noted)
    if (change.booking && (last.get(change.booking.id)?.at ?? 0) <= change.at) last.set(change.booking.id, change);
  lastOf.value = last;
  if (day === date.value) for (const change of noted.slice(0, ASKED_AT_ONCE)) say(changeText(change));
  return noted;
}

/** Tells of each what its history says that it was; where that can't be read, no more than the day itself does. */
async function settle(found: Change[], day: string, at: number): Promise<void> {
  const mine = whose;
  for (const change of found) {
    const told = settled(change, await historyOf(change).catch(() => []), day);
    if (mine !== whose) return;
    note([{ ...told.change, at, by: nameOfActor(told.act?.actor) }], day);
  }
}

/** Changes of a day from before the page was opened; of what has changed since they are the last ones no more. */
export function addEarlier(found: Found[], date: string): void {
  const isNew = ({ booking, wait }: Change) =>
    !changes.value
      .filter((each) => each.date === date)
      .some((each) => (booking && each.booking?.id === booking.id) || (wait && each.wait?.id === wait.id));
  const noted = found.filter(isNew).map((change): NotedChange => ({ ...change, key: ++count, date }));
  changes.value = [...changes.value, ...noted].sort((a, b) => b.at - a.at).slice(0, KEPT);
  lastOf.value = new Map([
    ...noted.flatMap((each) => (each.booking ? [[each.booking.id, each] as const] : [])),
    ...lastOf.value,
  ]);
}

/** What was done to a booking or a party, oldest first; nothing is known of who closed a table. */
export async function historyOf({ booking, wait }: Change): Promise<WireHistory> {
  const of = booking ? `bookings/${booking.id}` : wait ? `waitlist/${wait.id}` : null;
  return of === null ? [] : await api.get<WireHistory>(`/${of}/history`);
}

/** Who it was; "": it is ours, null: nobody who has a name. */
export function nameOfActor(actor: WireActor | null | undefined): string | null {
  if (!actor) return null;
  return actor.id === account.value?.id ? "" : (actor.name ?? null);
}

/** The channel says what, and the history says who. */
async function learnWho(change: NotedChange): Promise<void> {
  try {
    const by = nameOfActor((await historyOf(change)).at(-1)?.actor);
    if (by !== null) put(change.key, by);
  } catch {
    // Who it was stays unsaid.
  }
}

function put(key: number, by: string): void {
  const known = (each: NotedChange) => (each.key === key ? { ...each, by } : each);
  changes.value = changes.value.map(known);
  lastOf.value = new Map([...lastOf.value].map(([id, each]) => [id, known(each)]));
}

/** "Ana", "you", or nothing while it is not known. */
export function byWhom(change: NotedChange): string | null {
  if (change.by === null) return null;
  return change.by === "" ? words.value.changes.you : isolate(change.by);
}
