// The session of a page: log in, register, log out, one that ends; and the live channel, which a page that is open to
// visitors has without a session too.
import { effect, signal } from "@preact/signals";
import type { components } from "../../generated/rest.ts";
import { Problem } from "../api/problem.ts";
import { LiveClient } from "../live/client.ts";
import { hubNow } from "../time/clock.ts";
import { liveUrl } from "./place.ts";
import { RollOver } from "./rollover.ts";
import {
  account,
  api,
  askVenue,
  entry,
  farewell,
  learnVenue,
  live,
  now,
  roles,
  serviceDay,
  stays,
  type Venue,
  type VenueFacts,
  venue,
} from "./state.ts";

type Schemas = components["schemas"];

export interface Page {
  /** Whoever is not logged in reads it too, as a visitor. */
  isOpen?: boolean;
  /** Watches the channels that the page shows. */
  begin: (client: LiveClient) => void;
  /** Nothing of one person stays on the page for the next. */
  end?: () => void;
}

const UNAUTHENTICATED = 4001;
const REVOKED = 4003;
const AGAIN_MS = 5_000;

let page: Page = { begin: () => {} };
const client = signal<LiveClient | null>(null);
let ticking: ReturnType<typeof setInterval> | undefined;
let renewedFor: string | null = null;
const rollOver = new RollOver();

/** Another one after each log-in and log-out: who watches something watches it anew. */
export const liveClient = (): LiveClient | null => client.value;

/** Until the hub was reached. What a visitor has on the page stays there meanwhile. */
async function reach(ask: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await ask();
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status === 401) throw problem;
      if (entry.value !== "visiting") entry.value = "unreached";
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

async function enter(): Promise<void> {
  try {
    // Not reached is not logged out: the token is kept, and the next try may succeed.
    await reach(async () => {
      const [me, here, all] = await Promise.all([
        api.get<Schemas["AccountAnswer"]>("/auth/me"),
        askVenue(),
        api.get<Schemas["Venues"]>("/venues"),
      ]);
      account.value = me;
      venue.value = here;
      roles.value = all.items.find(({ slug }) => slug === here.slug)?.roles ?? [];
    });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    leave("over");
    return;
  }
  farewell.value = "";
  startLive();
  entry.value = "in";
}

async function visit(): Promise<void> {
  if (!venue.value)
    await reach(async () => {
      venue.value = await askVenue();
    });
  startLive();
  entry.value = "visiting";
}

export async function logIn(email: string, password: string): Promise<void> {
  await api.logIn(email, password);
  await enter();
}

export async function register(who: Schemas["Registration"]): Promise<void> {
  await api.register(who);
  await enter();
}

export async function logOut(): Promise<void> {
  client.value?.stop(); // it would hear of the end of the session too, and leave a second time
  await api.logOut();
  leave("out");
}

function leave(why: "over" | "out"): void {
  client.value?.stop();
  client.value = null;
  clearInterval(ticking);
  api.forget();
  page.end?.();
  account.value = null;
  roles.value = [];
  live.value = { state: "connecting", ageMs: null, staleSince: null };
  farewell.value = why;
  stays.value++;
  if (page.isOpen) void visit();
  else entry.value = "out";
}

function startLive(): void {
  client.value?.stop();
  const begun = new LiveClient({
    url: liveUrl(),
    token: api.token,
    renew: () => api.renew(),
    on: {
      status: (status) => {
        live.value = status;
        if (status.state === "stopped") void onStopped(status.code ?? 0);
      },
      connected: ({ venue: told }) => {
        if (told && venue.value) venue.value = { ...venue.value, ...told };
      },
    },
  });
  begun.watch("venue", ({ data, kind }) => {
    if (data && kind !== "refused") venue.value = data as unknown as Venue;
  });
  page.begin(begun);
  begun.start();
  client.value = begun;
  clearInterval(ticking);
  ticking = setInterval(tick, 1_000);
  tick();
}

/** The clock; and the service day rolls over by itself at its end. */
function tick(): void {
  now.value = liveClient()?.serverNow ?? hubNow();
  if (!rollOver.isDue(now.value, venue.value?.day_ends_at)) return;
  const day = serviceDay.value;
  const learn = (told: VenueFacts) => {
    if (serviceDay.value === day) venue.value = told;
  };
  // Not reached: it is asked for again.
  askVenue().then(learn, () => {});
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

export function startSession(wanted: Page): void {
  page = wanted;
  api.renewed = (token) => liveClient()?.useToken(token);
  api.over = () => leave("over");
  addEventListener("online", () => liveClient()?.nudge());
  addEventListener("pageshow", () => liveClient()?.nudge());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) liveClient()?.nudge();
  });
  effect(() => {
    document.body.dataset.live = liveClient() ? live.value.state : "";
  });
  if (api.token) {
    void enter();
    return;
  }
  if (page.isOpen) {
    void visit();
    return;
  }
  entry.value = "out";
  void learnVenue();
}
