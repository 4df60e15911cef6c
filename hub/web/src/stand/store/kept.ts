// The floor of today and tomorrow on this device, to be read while the hub can't be reached. Gone with the log-out.
import { clear, get, set } from "idb-keyval";
import type { WireAccount, WireGuestNote, WireRoom, WireVenue } from "../../lib/api/wire.ts";
import { prefix } from "../../lib/page/place.ts";
import { account, role, venue } from "./app.ts";
import { heldDays, heldRoom, type KeptDay, keptDates } from "./days.ts";
import { knownNotes, vitalOf } from "./notes.ts";

const KEY = `stand${prefix}`;
const PAUSE_MS = 2_000;

export interface Kept {
  account: WireAccount;
  role: string;
  venue: WireVenue;
  room: WireRoom | null;
  days: KeptDay[];
  /** By guest: what must be known of those who sit on these days. */
  notes?: [number, WireGuestNote[]][];
}

let pending: ReturnType<typeof setTimeout> | undefined;
let allowed = false;

/** Keeps what is held now, a moment later: a burst of changes is written once. */
export function keepSoon(): void {
  if (!allowed) return;
  pending ??= setTimeout(() => {
    pending = undefined;
    void keep();
  }, PAUSE_MS);
}

async function keep(): Promise<void> {
  const [who, where] = [account.value, venue.value];
  if (!allowed || !who || !where) return;
  const days = heldDays().flatMap(({ date, wire, position, knownAt }): KeptDay[] =>
    wire.value && keptDates.value.includes(date) ? [{ date, wire: wire.value, position, knownAt }] : [],
  );
  const guests = heldDays()
    .filter(({ date }) => keptDates.value.includes(date))
    .flatMap(({ floor }) => vitalOf(floor.value).map(({ guestId }) => guestId));
  const notes = [...knownNotes.value].filter(([guest]) => guests.includes(guest));
  // A browser that keeps nothing (a private window) loses the reading offline, and nothing else.
  await set(KEY, { account: who, role: role.value, venue: where, room: heldRoom(), days, notes } satisfies Kept).catch(
    () => {},
  );
}

export async function readKept(): Promise<Kept | null> {
  return (await get<Kept>(KEY).catch(() => undefined)) ?? null;
}

export function startKeeping(): void {
  allowed = true;
  if (!import.meta.env.PROD) return; // while developing, files change under their names
  navigator.serviceWorker?.register("/stand-worker.js", { scope: `${prefix}/stand` }).catch(() => {
    // Without HTTPS there is no service worker: the page itself can't be opened offline then.
  });
}

export async function forgetKept(): Promise<void> {
  allowed = false;
  clearTimeout(pending);
  pending = undefined;
  await clear().catch(() => {});
}

knownNotes.subscribe(keepSoon);
