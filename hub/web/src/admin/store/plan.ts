// Tables that are being put somewhere, a moment ahead of the hub; each place is saved at once, and can be undone.
import { signal } from "@preact/signals";
import { newKey } from "../../lib/api/client.ts";
import { Problem } from "../../lib/api/problem.ts";
import type { Trouble } from "../../lib/page/attempt.ts";
import { isSame } from "../model/place.ts";
import { change, floor, type Place, type Table } from "./floor.ts";
import { say } from "./said.ts";
import { words } from "./words.ts";

/** Where a table is wanted, until the hub has said so. */
const wanted = signal(new Map<number, Place | null>());
/** The table that is chosen. */
export const chosen = signal<number | null>(null);
export const trouble = signal<Trouble | null>(null);
/** The last table that was moved, and where it stood before. */
export const undo = signal<{ id: number; before: Place | null } | null>(null);

const saving = new Set<number>();
const before = new Map<number, Place | null>();
const timers = new Map<number, ReturnType<typeof setTimeout>>();

const found = (id: number): Table | undefined => floor.value.tables.find((table) => table.id === id);
export const placeOf = (table: Table): Place | null =>
  wanted.value.has(table.id) ? (wanted.value.get(table.id) ?? null) : table.place;

function want(id: number, place: Place | null | undefined): void {
  const next = new Map(wanted.value);
  if (place === undefined) next.delete(id);
  else next.set(id, place);
  wanted.value = next;
}

/** Shows it there; nothing is saved yet. */
export function put(table: Table, place: Place | null): void {
  if (!before.has(table.id)) before.set(table.id, table.place);
  want(table.id, place);
}

/** Where it is not to be after all. */
export function putBack(id: number): void {
  clearTimeout(timers.get(id));
  before.delete(id);
  want(id, undefined);
}

/** Saves a little later: keys that are held down are one change. */
export function saveSoon(id: number, ms: number): void {
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => void save(id), ms),
  );
}

/** Saves where it is wanted, and again if it is moved on meanwhile. */
export async function save(id: number): Promise<void> {
  clearTimeout(timers.get(id));
  if (saving.has(id)) return;
  saving.add(id);
  trouble.value = null;
  try {
    while (wanted.value.has(id)) {
      const table = found(id);
      const place = wanted.value.get(id) ?? null;
      if (!table || isSame(place, table.place)) break;
      const stood = before.get(id) ?? null;
      const made = await change("tables", table, { place }, newKey());
      undo.value = { id, before: stood };
      say(words.value.saved(made.name));
      before.set(id, made.place);
      if (isSame(wanted.value.get(id) ?? null, place)) break;
    }
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    trouble.value = { problem, again: null };
  } finally {
    saving.delete(id);
    putBack(id);
  }
}

export async function takeBack(): Promise<void> {
  const last = undo.value;
  const table = last && found(last.id);
  if (!last || !table) return;
  put(table, last.before);
  await save(last.id);
  if (trouble.value) return;
  undo.value = null;
  say(words.value.undone(table.name));
}

export function clearPlan(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  wanted.value = new Map();
  before.clear();
  chosen.value = undo.value = trouble.value = null;
}
