// The floor with its revisions: the channel says that it changed, and the lists say what it is now.
import { computed, signal } from "@preact/signals";
import type { components } from "../../generated/rest.ts";
import { Problem } from "../../lib/api/problem.ts";
import type { LiveClient } from "../../lib/live/client.ts";
import { api, mayManage } from "../../lib/page/state.ts";

type Schemas = components["schemas"];
export type Table = Schemas["AdminTable"];
export type Area = Schemas["AreaAnswer"];
export type Combination = Schemas["CombinationAnswer"];
export type Place = Schemas["PlaceAnswer"];

export interface Floor {
  tables: Table[];
  areas: Area[];
  combinations: Combination[];
}

const EMPTY: Floor = { tables: [], areas: [], combinations: [] };
const AGAIN_MS = 3_000;

/** Null: not known yet. */
const held = signal<Floor | null>(null);
export const floor = computed(() => held.value ?? EMPTY);
export const isLoaded = computed(() => held.value !== null);

const byName = (a: { name: string; id: number }, b: { name: string; id: number }) =>
  a.name.localeCompare(b.name, undefined, { numeric: true }) || a.id - b.id;
export const tables = computed(() => [...floor.value.tables].sort(byName));
export const areas = computed(() => [...floor.value.areas].sort((a, b) => a.rank - b.rank || byName(a, b)));
export const combinations = computed(() => [...floor.value.combinations].sort(byName));

let asked = 0;
let isActive = false;

/** Reads the lists anew. Of several that are under way only the last counts. */
async function load(): Promise<void> {
  if (!mayManage.value) return;
  const mine = ++asked;
  const list = <T>(name: string) => api.get<{ items: T[] }>(`/admin/${name}`).then(({ items }) => items);
  try {
    const [tables, areas, combinations] = await Promise.all([
      list<Table>("tables"),
      list<Area>("areas"),
      list<Combination>("combinations"),
    ]);
    if (mine === asked && isActive) held.value = { tables, areas, combinations };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (mine === asked && isActive) setTimeout(() => mine === asked && void load(), AGAIN_MS);
  }
}

export function begin(client: LiveClient): void {
  isActive = true;
  client.watch("tables", ({ kind }) => {
    if (kind !== "refused") void load();
  });
}

export function end(): void {
  isActive = false;
  asked++;
  held.value = null;
}

export type Kind = keyof Floor;
export type Item<K extends Kind> = Floor[K][number];

function put<K extends Kind>(kind: K, id: number, item: Item<K> | null): void {
  asked++; // a list that was asked for before may be older than this
  const others = floor.value[kind].filter((each) => each.id !== id);
  held.value = { ...floor.value, [kind]: item ? [...others, item] : others };
  void load();
}

export async function add<K extends Kind>(kind: K, body: object, key: string): Promise<Item<K>> {
  const made = await api.write<Item<K>>("POST", `/admin/${kind}`, { key, body });
  put(kind, made.id, made);
  return made;
}

/** By the revision that was seen; if somebody else was first, what is there now is shown. */
export async function change<K extends Kind>(
  kind: K,
  item: Item<K>,
  body: object,
  key: string,
  query = "",
): Promise<Item<K>> {
  const { id, revision } = item;
  try {
    const made = await api.write<Item<K>>("PATCH", `/admin/${kind}/${id}${query}`, { key, revision, body });
    put(kind, id, made);
    return made;
  } catch (problem) {
    if (problem instanceof Problem && problem.present) put(kind, id, problem.present as Item<K>);
    throw problem;
  }
}

export async function remove<K extends Kind>(kind: K, item: Item<K>, key: string): Promise<void> {
  await api.write("DELETE", `/admin/${kind}/${item.id}`, { key, revision: item.revision });
  put(kind, item.id, null);
}

export const tableName = (id: number): string => floor.value.tables.find((table) => table.id === id)?.name ?? `№ ${id}`;
