// What the whole page shares: the session, the words, the clock. Signals; nothing here draws.
import { computed, signal } from "@preact/signals";
import { Api } from "../../lib/api/client.ts";
import type { WireAccount, WireVenue } from "../../lib/api/wire.ts";
import { formatsOf } from "../../lib/time/format.ts";
import { type Language, localeOf, pickLanguage, storeChoice, storedChoice } from "../../lib/words/language.ts";
import { readRules, readShifts } from "../model/read.ts";
import { en } from "../words/en.ts";
import { ru } from "../words/ru.ts";

export type Entry = "starting" | "out" | "not_staff" | "in" | "offline";

export const api = new Api();
export const entry = signal<Entry>("starting");
/** Said above the log-in form. */
export const farewell = signal("");
export const account = signal<WireAccount | null>(null);
/** The role in this venue, of those who may see the floor. */
export const role = signal<string>("user");
export const venue = signal<WireVenue | null>(null);
/** The venue's clock now, in ms since 1970; it ticks once a second. */
export const now = signal(Date.now());

const choice = signal(storedChoice());
const CATALOGUES = { en, ru };

export const language = computed<Language>(() =>
  pickLanguage(choice.value, navigator.languages, venue.value?.languages ?? []),
);
export const words = computed(() => CATALOGUES[language.value]);
export const zone = computed(() => venue.value?.zone ?? "UTC");
export const formats = computed(() => formatsOf(localeOf(language.value, navigator.languages), zone.value));
export const shifts = computed(() => readShifts(venue.value));
export const rules = computed(() => readRules(venue.value));

const STAFF = new Set(["host", "manager", "owner", "admin"]);
export const isStaff = computed(() => STAFF.has(role.value));
export const maySee = computed(() => isStaff.value || role.value === "viewer");

export function speak(wanted: Language): void {
  storeChoice(wanted);
  choice.value = wanted;
}

/** Sentences for who listens and does not look; each is said once. */
export const spoken = signal<{ id: number; text: string }[]>([]);
let saidCount = 0;
const KEPT = 5;

export function say(text: string): void {
  if (text) spoken.value = [...spoken.value, { id: ++saidCount, text }].slice(-KEPT);
}
