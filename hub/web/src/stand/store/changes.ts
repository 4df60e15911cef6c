// The last changes of the day that is shown, who made them, and the way back. Each is said once to who listens.
import { signal } from "@preact/signals";
import type { WireAct, WireActor, WireHistory } from "../../lib/api/wire.ts";
import { isolate } from "../../lib/ui/text.ts";
import { type Change, type ChangeKind, changesBetween, kindOfGone } from "../model/changes.ts";
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
  for (const change of noted.slice(0, ASKED_AT_ONCE)) {
    const tell = (kind: ChangeKind) => day === date.value && say(changeText({ ...change, kind }));
    // Of who is gone it is said once it is known whether they come on another day.
    if (change.kind === "canceled") void learn(change).then(tell);
    else {
      void learn(change);
      tell(change.kind);
    }
  }
}

/** Changes of a day from before the page was opened; of what has changed since they are the last ones no more. */
export function addEarlier(found: (Change & Pick<NotedChange, "at" | "by">)[], date: string): void {
  const isNew = ({ booking, wait }: Change) =>
    !changes.value.some((each) => (booking && each.booking?.id === booking.id) || (wait && each.wait?.id === wait.id));
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

/** The channel says what, and the history says who, and why a booking is gone. */
async function learn(change: NotedChange): Promise<ChangeKind> {
  let { kind } = change;
  try {
    const last = (await historyOf(change)).at(-1);
    kind = kindOfGone(kind, last as WireAct | undefined);
    put(change.key, { kind, by: nameOfActor(last?.actor) });
  } catch {
    // Who it was stays unsaid.
  }
  return kind;
}

function put(key: number, learned: Pick<NotedChange, "kind" | "by">): void {
  const known = (each: NotedChange) => (each.key === key ? { ...each, ...learned } : each);
  changes.value = changes.value.map(known);
  lastOf.value = new Map([...lastOf.value].map(([id, each]) => [id, known(each)]));
}

/** "Ana", "you", or nothing while it is not known. */
export function byWhom(change: NotedChange): string | null {
  if (change.by === null) return null;
  return change.by === "" ? words.value.changes.you : isolate(change.by);
}
