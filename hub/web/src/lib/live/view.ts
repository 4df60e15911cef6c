// What a watcher holds of one channel, and how each frame changes it: the rules of docs/live-protocol.md.
// Pure on purpose: no DOM, no socket, no clock, so that every rule can be tested with node alone.
//
// A view is {position, data, awaiting}. `awaiting` says what must still come before the view is the
// committed state again: null (nothing), "answer" (a subscribe is on its way), "update" (the one that
// recovers), or "snapshot" (what is held can't be continued).

export type Data = Record<string, unknown>;
type Entries = Record<string, unknown>;
export type Changed = Record<string, string[]>;

export interface View {
  position: string | null;
  data: Data | null;
  awaiting: null | "answer" | "update" | "snapshot";
}

/** A frame of a channel, as far as the rules read it. */
export interface ChannelFrame {
  op: string;
  channel: string;
  id?: unknown;
  position?: string;
  previous?: string;
  recovered?: boolean;
  at?: string;
  data?: Data;
}

export interface Step {
  view: View;
  ask: boolean;
  applied: boolean;
  changed: Changed;
}

const POSITION = /^([^:]+):([0-9]+)$/;

/** "epoch:version" as {epoch, version}; null when it can't be read. */
export function parsePosition(text: unknown): { epoch: string; version: bigint } | null {
  const parts = typeof text === "string" ? POSITION.exec(text) : null;
  // Versions are decimal integers of any length: as numbers, two beyond 2^53 could seem equal.
  return parts && { epoch: parts[1] as string, version: BigInt(parts[2] as string) };
}

/** -1, 0 or 1 within an epoch; null where two positions don't compare. */
export function comparePositions(left: unknown, right: unknown): -1 | 0 | 1 | null {
  const a = parsePosition(left);
  const b = parsePosition(right);
  if (!a || !b || a.epoch !== b.epoch) return null;
  return a.version < b.version ? -1 : a.version > b.version ? 1 : 0;
}

/** True when `held` is known to be at or past `wanted`. */
export function reaches(held: unknown, wanted: unknown): boolean {
  const order = comparePositions(held, wanted);
  return order !== null && order >= 0;
}

// A free table is left out of a snapshot and [] in an update: both must end as the same state.
const isGone = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
const isCollection = (value: unknown): value is Entries =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Data with the absolute values of a change put in; what was there before is not touched. */
export function merge(data: Data | null, change: Data | undefined): Data {
  const merged: Data = { ...data };
  for (const [collection, entries] of Object.entries(change ?? {})) {
    if (entries === null) {
      delete merged[collection];
      continue;
    }
    const before = merged[collection] ?? {};
    if (!isCollection(entries) || !isCollection(before)) {
      merged[collection] = entries; // a name, a list of shifts: told as a whole
      continue;
    }
    const kept = { ...before };
    for (const [id, value] of Object.entries(entries)) {
      if (isGone(value)) delete kept[id];
      else kept[id] = value;
    }
    merged[collection] = kept;
  }
  return merged;
}

const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** Which ids differ between two states, by collection: {tables: ["3", …]}, [] of what has no ids; {}: nothing shows. */
export function differences(before: Data | null, after: Data | null): Changed {
  const changed: Changed = {};
  const collections = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  for (const collection of collections) {
    const old = before?.[collection] ?? {};
    const now = after?.[collection] ?? {};
    if (!isCollection(old) || !isCollection(now)) {
      if (!same(old, now)) changed[collection] = [];
      continue;
    }
    const ids = new Set([...Object.keys(old), ...Object.keys(now)]);
    const differing = [...ids].filter((id) => !same(old[id], now[id]));
    if (differing.length > 0) changed[collection] = differing;
  }
  return changed;
}

export const newView = (): View => ({ position: null, data: null, awaiting: null });

/** The view once a subscribe or a connect that names its channel has been sent. */
export const asked = (view: View): View => ({ ...view, awaiting: "answer" });

// What every frame gives: the next view, whether to subscribe again, and what to redraw.
const unchanged = (view: View): Step => ({ view, ask: false, applied: false, changed: {} });
const replaced = (before: View, view: View): Step => ({
  view,
  ask: false,
  applied: true,
  changed: differences(before.data, view.data),
});

/** The hub's answer to a subscribe: what it says will follow. */
export function onSubscribed(view: View, frame: ChannelFrame): Step {
  if (!frame.recovered) return unchanged({ ...view, awaiting: "snapshot" });
  // An update that was on its way already may have brought us there.
  const done = reaches(view.position, frame.position);
  return unchanged({ ...view, awaiting: done ? null : "update" });
}

/** A snapshot is the whole state: it replaces what was held, whatever its position was. */
export function onSnapshot(view: View, frame: ChannelFrame): Step {
  return replaced(view, { position: frame.position ?? null, data: frame.data ?? {}, awaiting: null });
}

/** Not after ours: ignored. previous ≤ own < position: applied. Otherwise: ask, with what we hold. */
export function onUpdate(view: View, frame: ChannelFrame): Step {
  // After a resync nothing but the snapshot can be trusted to continue what is held.
  if (view.awaiting === "snapshot") return unchanged(view);
  const ahead = comparePositions(frame.position, view.position);
  if (ahead !== null && ahead <= 0) return unchanged(view);
  const starts = comparePositions(frame.previous, view.position);
  if (ahead === 1 && starts !== null && starts <= 0) {
    // A live update can overtake the answer to a subscribe: then that answer is still pending.
    const awaiting = view.awaiting === "answer" ? "answer" : null;
    const data = merge(view.data, frame.data);
    return replaced(view, { position: frame.position ?? null, data, awaiting });
  }
  // One question at a time: while an answer is pending, each further frame of a burst would ask again.
  if (view.awaiting === "answer") return unchanged(view);
  return { ...unchanged(view), ask: true };
}

/** What is held stays visible, but only a snapshot continues it. */
export const onResync = (view: View): Step => unchanged({ ...view, awaiting: "snapshot" });

const RULES: Record<string, (view: View, frame: ChannelFrame) => Step> = {
  subscribed: onSubscribed,
  snapshot: onSnapshot,
  update: onUpdate,
  resync: onResync,
};

/** The rule of one frame that belongs to a channel. */
export function receive(view: View, frame: ChannelFrame): Step {
  const rule = RULES[frame.op];
  return rule ? rule(view, frame) : unchanged(view);
}
