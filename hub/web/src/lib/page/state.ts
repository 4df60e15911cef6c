// What every page knows: who reads it, in which language, where the restaurant is, and how old what is shown may be.
import { computed, effect, signal } from "@preact/signals";
import type { components } from "../../generated/rest.ts";
import { Api } from "../api/client.ts";
import type { LiveStatus } from "../live/client.ts";
import { hear, hubNow } from "../time/clock.ts";
import { formatsOf } from "../time/format.ts";
import { type Language, localeOf, pickLanguage, storeChoice, storedChoice } from "../words/language.ts";
import { prefix } from "./place.ts";
import { en } from "./words/en.ts";
import { ru } from "./words/ru.ts";

type Schemas = components["schemas"];
export type Account = Schemas["AccountAnswer"];
export type VenueFacts = Schemas["VenueFacts"];
/** What GET /venue says and the channel does too. */
export type Venue = Omit<VenueFacts, "now">;

/** visiting: out, on a page that is open to visitors. unreached: the hub does not answer who is, or comes, in. */
export type Entry = "starting" | "out" | "visiting" | "unreached" | "in";

export const api = new Api({ prefix });
export const entry = signal<Entry>("starting");
/** Why one is out: said above the form. */
export const farewell = signal<"" | "over" | "out">("");
/** How often somebody has gone out: what is shown to one person is drawn anew for the next. */
export const stays = signal(0);
export const account = signal<Account | null>(null);
export const roles = signal<string[]>([]);
export const venue = signal<Venue | null>(null);
export const live = signal<LiveStatus>({ state: "connecting", ageMs: null, staleSince: null });
/** The hub's clock, in ms since 1970; it ticks once a second. */
export const now = signal(Date.now());

const choice = signal(storedChoice());
const CATALOGUES = { en, ru };

export const language = computed<Language>(() =>
  pickLanguage(choice.value, navigator.languages, venue.value?.languages ?? []),
);
/** What pages share; a page has a catalogue of its own, which holds these too. */
export const words = computed(() => CATALOGUES[language.value]);
export const zone = computed(() => venue.value?.zone ?? "UTC");
export const formats = computed(() => formatsOf(localeOf(language.value, navigator.languages), zone.value));
export const serviceDay = computed(() => venue.value?.service_day ?? "");

const hasRole = (wanted: string[]) => computed(() => roles.value.some((role) => wanted.includes(role)));
/** They see the floor at the stand. */
export const mayStand = hasRole(["viewer", "host", "manager", "owner", "admin"]);
/** They change tables and rules. */
export const mayManage = hasRole(["manager", "owner", "admin"]);

/** Whether what is shown may be older than a few seconds: then nothing can be changed. */
export const isOld = computed(() => live.value.state === "stale" || live.value.state === "stopped");

export function speak(wanted: Language): void {
  storeChoice(wanted);
  choice.value = wanted;
}

/** Keeps the document's language and title to what is read. */
export function titled(title: () => string): void {
  effect(() => {
    document.documentElement.lang = language.value;
    document.title = venue.value ? `${title()} · ${venue.value.name}` : title();
  });
}

/** Asks what the hub tells of the restaurant, and what time it is there. */
export async function askVenue(from: Pick<Api, "get"> = api, base = ""): Promise<VenueFacts> {
  const told = await from.get<VenueFacts>(`${base}/venue`);
  hear(told.now);
  return told;
}

/** Lets `now` go on, on a page without a live line. */
export function startClock(): () => void {
  const tick = () => (now.value = hubNow());
  const ticking = setInterval(tick, 1_000);
  tick();
  return () => clearInterval(ticking);
}

/** Asks for the restaurant's name once; without it a page says the rest. */
export async function learnVenue(from: Pick<Api, "get"> = api): Promise<void> {
  const told = await askVenue(from).catch(() => null);
  if (told && !venue.value) venue.value = told;
}
