// The last changes of the day that is shown, who made them, and the way back. Each is said once to who listens.
import { signal } from "@preact/signals";
import type { WireHistory } from "../../lib/api/wire.ts";
import { isolate } from "../../lib/ui/text.ts";
import { type Change, changesBetween } from "../model/changes.ts";
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

const KEPT = 30;
const ASKED_AT_ONCE = 6;
let count = 0;

export function clearChanges(): void {
  changes.value = [];
  lastOf.value = new Map();
}

export function onChanged({ date: day, before, after }: DayChanged): void {
  const found = changesBetween(before, after);
  if (found.length === 0) return;
  const noted = found.map((change): NotedChange => ({ ...change, key: ++count, date: day, at: now.value, by: null }));
  changes.value = [...noted.reverse(), ...changes.value].slice(0, KEPT);
  const last = new Map(lastOf.value);
  for (const change of noted) if (change.booking) last.set(change.booking.id, change);
  lastOf.value = last;
  for (const change of noted.slice(0, ASKED_AT_ONCE)) void learnWho(change);
  if (day === date.value) for (const change of noted.slice(0, ASKED_AT_ONCE)) say(changeText(change));
}

/** The channel says what, and the history says who. */
async function learnWho(change: NotedChange): Promise<void> {
  const of = change.booking ? `bookings/${change.booking.id}` : change.wait ? `waitlist/${change.wait.id}` : null;
  if (of === null) return;
  try {
    const history = await api.get<WireHistory>(`/${of}/history`);
    const actor = history.at(-1)?.actor;
    if (!actor) return;
    put(change.key, actor.id === account.value?.id ? "" : (actor.name ?? ""));
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
