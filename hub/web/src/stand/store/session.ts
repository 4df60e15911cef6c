// Who is at the stand: log in, log out, a session that ends, and reading offline where the hub can't be asked.
import { effect } from "@preact/signals";
import { Problem } from "../../lib/api/problem.ts";
import type { WireAccount, WireVenues } from "../../lib/api/wire.ts";
import { askVenue } from "../../lib/page/state.ts";
import { account, api, entry, farewell, language, maySee, role, venue, words } from "./app.ts";
import { clearChanges, onChanged } from "./changes.ts";
import { learn, liveClient, onDayChanged, onHeard, startLive, stopLive, takeKept, watchKeptDays } from "./days.ts";
import { startEarlier } from "./earlier.ts";
import { forgetKept, keepSoon, readKept, startKeeping } from "./kept.ts";
import { knownNotes, learnNotes, startNotes } from "./notes.ts";
import { startPresence, stopPresence } from "./presence.ts";
import { closeAll } from "./windows.ts";
import { clearTroubles } from "./writes.ts";

const UNAUTHENTICATED = 4001;
const REVOKED = 4003;
const AGAIN_MS = 5_000;
let renewedFor: string | null = null;
let stopKeptDays: () => void = () => {};
let stopEarlier: () => void = () => {};
let stopNotes: () => void = () => {};

export async function enter(): Promise<void> {
  try {
    const [me, here, all] = await Promise.all([
      api.get<WireAccount>("/auth/me"),
      askVenue(),
      api.get<WireVenues>("/venues"),
    ]);
    account.value = me;
    venue.value = here;
    role.value = all.items.find(({ slug }) => slug === here.slug)?.roles[0] ?? "user";
    if (!maySee.value) {
      entry.value = "not_staff";
      return;
    }
    learn(here);
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) {
      await leave("over");
      return;
    }
    await readOffline();
    return;
  }
  begin();
}

function begin(): void {
  startKeeping();
  onHeard(() => {
    keepSoon();
    learnNotes();
  });
  onDayChanged(onChanged);
  startLive({
    connected: ({ venue: told }) => {
      if (told && venue.value) learn({ ...venue.value, ...told });
    },
    stopped: (code) => void onStopped(code),
  });
  stopKeptDays = watchKeptDays();
  startPresence();
  stopEarlier = startEarlier();
  stopNotes = startNotes();
  entry.value = "in";
}

/** Not reached is not logged out: what was kept is shown, and the hub is asked again. */
async function readOffline(): Promise<void> {
  const kept = await readKept();
  if (kept && entry.value !== "in") {
    account.value = kept.account;
    role.value = kept.role;
    takeKept(kept);
    knownNotes.value = new Map(kept.notes ?? []);
    entry.value = "offline";
  }
  setTimeout(() => {
    if (api.token && entry.value !== "in") void enter();
  }, AGAIN_MS);
}

export async function logIn(email: string, password: string): Promise<void> {
  await api.logIn(email, password);
  farewell.value = "";
  await enter();
}

export async function logOut(): Promise<void> {
  liveClient()?.stop(); // it would hear of the end of the session too, and leave a second time
  await api.logOut();
  await leave("out");
}

async function leave(why: "over" | "out"): Promise<void> {
  stopKeptDays();
  stopKeptDays = () => {};
  stopPresence();
  stopEarlier();
  stopNotes();
  stopLive();
  closeAll();
  clearChanges();
  clearTroubles();
  knownNotes.value = new Map();
  api.forget();
  account.value = null;
  role.value = "user";
  farewell.value = why;
  entry.value = "out";
  await forgetKept();
}

async function onStopped(code: number): Promise<void> {
  if (code === REVOKED) return leave("over");
  if (code !== UNAUTHENTICATED || renewedFor === api.token) return;
  // The hub knows this token no longer: one renewal tells whether the session itself lives.
  const token = await api.renew().catch(() => undefined);
  if (token === undefined) {
    setTimeout(() => void onStopped(code), AGAIN_MS);
    return;
  }
  if (!token) return leave("over");
  renewedFor = token;
  liveClient()?.start(token);
}

export function startSession(): void {
  api.renewed = (token) => liveClient()?.useToken(token);
  api.over = () => void leave("over");
  addEventListener("online", () => liveClient()?.nudge());
  addEventListener("pageshow", () => liveClient()?.nudge());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) liveClient()?.nudge();
  });
  effect(() => {
    document.documentElement.lang = language.value;
    document.title = venue.value ? `${words.value.title} · ${venue.value.name}` : words.value.title;
  });
  if (api.token) void enter();
  else entry.value = "out";
}
