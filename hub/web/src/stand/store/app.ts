// What the whole page shares: what every page does (lib/page/state.ts), and who may do what at the stand, its words, what
// is spoken. Signals; nothing here draws.
import { computed, signal } from "@preact/signals";
import { language, venue } from "../../lib/page/state.ts";
import { readRules, readShifts } from "../model/read.ts";
import { en } from "../words/en.ts";
import { ru } from "../words/ru.ts";

export type Entry = "starting" | "out" | "not_staff" | "in" | "offline";

export { account, api, farewell, formats, language, now, venue, zone } from "../../lib/page/state.ts";

export const entry = signal<Entry>("starting");
/** The role in this venue, of those who may see the floor. */
export const role = signal<string>("user");

const CATALOGUES = { en, ru };
export const words = computed(() => CATALOGUES[language.value]);
export const shifts = computed(() => readShifts(venue.value));
export const rules = computed(() => readRules(venue.value));

const STAFF = new Set(["host", "manager", "owner", "admin"]);
export const isStaff = computed(() => STAFF.has(role.value));
export const maySee = computed(() => isStaff.value || role.value === "viewer");

/** Sentences for who listens and does not look; each is said once. */
export const spoken = signal<{ id: number; text: string }[]>([]);
let saidCount = 0;
const KEPT = 5;

export function say(text: string): void {
  if (text) spoken.value = [...spoken.value, { id: ++saidCount, text }].slice(-KEPT);
}
