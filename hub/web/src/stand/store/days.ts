// The live side: which days are watched, what the hub says of them, and how old that may be.
import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import type { WireFloor, WireRoom, WireVenue } from "../../lib/api/wire.ts";
import { type ChannelEvent, type Connected, LiveClient, type LiveStatus, type Refusal } from "../../lib/live/client.ts";
import { liveUrl } from "../../lib/page/place.ts";
import { RollOver } from "../../lib/page/rollover.ts";
import { askVenue } from "../../lib/page/state.ts";
import { hubNow } from "../../lib/time/clock.ts";
import { instantOf, shiftDate, wallOf } from "../../lib/time/zone.ts";
import { takenOf } from "../model/free.ts";
import { readFloor, readRoom } from "../model/read.ts";
import type { Floor, Shift } from "../model/types.ts";
import { api, isStaff, now, shifts, venue, zone } from "./app.ts";

/** What is held of one service day. */
export interface Day {
  date: string;
  wire: Signal<WireFloor | null>;
  floor: ReadonlySignal<Floor>;
  position: string;
  /** When it was last known to be so (ms, by the hub's clock). */
  knownAt: number | null;
  refused: Signal<Refusal | null>;
  watchers: number;
}

export interface DayChanged {
  date: string;
  before: Floor;
  after: Floor;
}

export const live = signal<LiveStatus>({ state: "connecting", ageMs: null, staleSince: null });
/** The service day that is looked at. */
export const date = signal("");
const wireRoom = signal<WireRoom | null>(null);
export const room = computed(() => readRoom(wireRoom.value));
export const serviceDay = computed(() => venue.value?.service_day ?? "");
export const isTonight = computed(() => date.value !== "" && date.value === serviceDay.value);

const days = new Map<string, Day>();
const EMPTY = readFloor(null);
let client: LiveClient | null = null;
let listener: (change: DayChanged) => void = () => {};
let heard: () => void = () => {};

export const liveClient = (): LiveClient | null => client;
export function onDayChanged(listen: (change: DayChanged) => void): void {
  listener = listen;
}

/** After all that is held may have changed. */
export function onHeard(listen: () => void): void {
  heard = listen;
}

export function dayOf(wanted: string): Day {
  let found = days.get(wanted);
  if (!found) {
    const wire = signal<WireFloor | null>(null);
    const floor = computed(() => (wire.value ? readFloor(wire.value) : EMPTY));
    found = { date: wanted, wire, floor, position: "", knownAt: null, refused: signal(null), watchers: 0 };
    days.set(wanted, found);
  }
  return found;
}

export const shown = computed(() => (date.value ? dayOf(date.value) : null));
export const floor = computed<Floor>(() => shown.value?.floor.value ?? EMPTY);
/** All that takes a table on the day that is shown, as of this second. */
export const taken = computed(() => takenOf(floor.value, now.value));
/** The same of the service day of now, whichever is shown. */
export const takenTonight = computed(() =>
  isTonight.value || serviceDay.value === "" ? taken.value : takenOf(dayOf(serviceDay.value).floor.value, now.value),
);
export const isLoaded = computed(() => shown.value?.wire.value != null);
/** Whether a change may be asked for: by who may, and over nothing that could be old. */
export const mayWrite = computed(() => isStaff.value && live.value.state === "live" && isLoaded.value);
export const heldDays = (): Day[] => [...days.values()].filter(({ wire }) => wire.value !== null);

/** The shifts of a day. The hub tells the next seven days; a later day is taken to be like the same weekday. */
export function shiftsOf(day: string): Shift[] {
  const told = shifts.value.filter((shift) => shift.date === day);
  if (told.length > 0 || day === "") return told;
  const weekday = (text: string) => new Date(`${text}T00:00:00Z`).getUTCDay();
  const zoned = (at: number, from: string) => {
    const wall = wallOf(zone.value, at);
    const after = Math.round((Date.parse(wall.date) - Date.parse(from)) / 86_400_000);
    return instantOf(zone.value, shiftDate(day, after), wall.time);
  };
  return shifts.value
    .filter((shift) => weekday(shift.date) === weekday(day))
    .map((shift) => ({
      ...shift,
      date: day,
      opens: zoned(shift.opens, shift.date),
      lastSeating: zoned(shift.lastSeating, shift.date),
      closes: zoned(shift.closes, shift.date),
    }));
}
/** Whether the hub has told that there is no service on this day; of days that it has not told of, nothing is said. */
export const isClosed = computed(() => {
  const told = shifts.value.map((shift) => shift.date).sort();
  const last = told.at(-1);
  if (last === undefined || date.value < serviceDay.value || date.value > last) return false;
  return !told.includes(date.value);
});
export const shownShifts = computed(() => shiftsOf(date.value));

function onDay(event: ChannelEvent): void {
  const day = dayOf(event.channel.replace(/^.*floor:/, ""));
  if (event.kind === "refused") {
    day.refused.value = event.error ?? null;
    return;
  }
  const before = day.wire.value === null ? null : day.floor.value;
  day.position = event.position ?? "";
  day.refused.value = null;
  day.wire.value = event.data as WireFloor;
  if (before && event.kind !== "held") listener({ date: day.date, before, after: day.floor.value });
  heard();
}

function onRoom(event: ChannelEvent): void {
  if (event.data) wireRoom.value = event.data as WireRoom;
  heard();
}

function onVenue(event: ChannelEvent): void {
  if (event.data && event.kind !== "refused") learn(event.data as unknown as WireVenue);
}

/** Takes what the hub says of the venue. Who looks at the service day that was on goes on with the next one. */
export function learn(told: WireVenue): void {
  const before = serviceDay.value;
  venue.value = told;
  if (date.value === "" || date.value === before) goTo(told.service_day);
  heard();
}

export function watchDay(wanted: string): () => void {
  const day = dayOf(wanted);
  if (day.watchers++ === 0) client?.watch(`floor:${wanted}`, onDay);
  return () => {
    if (--day.watchers === 0) client?.unwatch(`floor:${wanted}`, onDay);
  };
}

/** The days that can be read offline: that which is on and the next, whichever one is looked at. */
export const keptDates = computed(() => (serviceDay.value ? [serviceDay.value, shiftDate(serviceDay.value, 1)] : []));

/** Watches them, through each change of the service day. Returns what ends it. */
export function watchKeptDays(): () => void {
  let leave: () => void = () => {};
  const stop = effect(() => {
    const dates = keptDates.value;
    untracked(() => {
      const leaveBefore = leave;
      const left = dates.map(watchDay);
      leave = () => {
        for (const each of left) each();
      };
      leaveBefore(); // a day that stays is watched all the time
    });
  });
  return () => {
    stop();
    leave();
  };
}

let leaveShown: () => void = () => {};

/** Shows a service day. */
export function goTo(wanted: string): void {
  if (wanted === "" || wanted === date.value) return;
  const leave = leaveShown;
  leaveShown = watchDay(wanted);
  date.value = wanted;
  leave();
}

export const step = (by: number): void => goTo(shiftDate(date.value, by));

let ticking: ReturnType<typeof setInterval> | undefined;
const rollOver = new RollOver();

function tick(): void {
  now.value = client?.serverNow ?? hubNow();
  if (live.value.state === "live") for (const day of days.values()) if (day.watchers > 0) day.knownAt = now.value;
  // Which day is on the hub says: the clock of this device may be of another one. Not reached: it is asked for again.
  if (rollOver.isDue(now.value, venue.value?.day_ends_at)) askVenue().then(learn, () => {});
}

export function startLive(handlers: { connected: (frame: Connected) => void; stopped: (code: number) => void }): void {
  client = new LiveClient({
    url: liveUrl(),
    token: api.token,
    renew: () => api.renew(),
    on: {
      status: (status) => {
        live.value = status;
        if (status.state === "stopped") handlers.stopped(status.code ?? 0);
      },
      connected: (frame) => {
        tick(); // the hub's clock is known from now on, and what comes next is seen by it
        handlers.connected(frame);
      },
    },
  });
  client.watch("tables", onRoom);
  client.watch("venue", onVenue);
  for (const day of days.values()) if (day.watchers > 0) client.watch(`floor:${day.date}`, onDay);
  client.start();
  clearInterval(ticking);
  ticking = setInterval(tick, 1_000);
  tick();
}

/** Nothing of one person stays on the page for the next. */
export function stopLive(): void {
  client?.stop();
  client = null;
  clearInterval(ticking);
  days.clear();
  leaveShown = () => {};
  date.value = "";
  wireRoom.value = null;
  live.value = { state: "connecting", ageMs: null, staleSince: null };
}

/** What was kept on this device, put in the place of what the hub says. */
export function takeKept(kept: { venue: WireVenue; room: WireRoom | null; days: KeptDay[] }): void {
  wireRoom.value = kept.room;
  for (const each of kept.days) {
    const day = dayOf(each.date);
    day.wire.value = each.wire;
    day.position = each.position;
    day.knownAt = each.knownAt;
  }
  learn(kept.venue);
}

export interface KeptDay {
  date: string;
  wire: WireFloor;
  position: string;
  knownAt: number | null;
}

export const heldRoom = (): WireRoom | null => wireRoom.value;
