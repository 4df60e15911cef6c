// What the guest's page holds: the room, one's own bookings, and when tables are taken on the days that are looked at.
import { computed, type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { WireOwnBooking, WireRoom } from "../../lib/api/wire.ts";
import type { ChannelEvent, LiveClient } from "../../lib/live/client.ts";
import { liveClient } from "../../lib/page/session.ts";
import { formats, language } from "../../lib/page/state.ts";
import { isolate } from "../../lib/ui/text.ts";
import { readRoom, readTaken, type Taken } from "../model/free.ts";
import { en } from "../words/en.ts";
import { ru } from "../words/ru.ts";

const CATALOGUES = { en, ru };
export const words = computed(() => CATALOGUES[language.value]);

export type OwnBooking = WireOwnBooking & { id: number };

const wireRoom = signal<WireRoom | null>(null);
export const room = computed(() => readRoom(wireRoom.value));
const wireMine = signal<Record<string, WireOwnBooking> | null>(null);
/** Null: not known yet. */
export const mine = computed<OwnBooking[] | null>(
  () =>
    wireMine.value &&
    Object.entries(wireMine.value)
      .map(([id, booking]) => ({ id: Number(id), ...booking }))
      .sort((a, b) => Date.parse(a.start_at) - Date.parse(b.start_at) || a.id - b.id),
);

/** taken is null until the day has come. */
export interface Day {
  taken: Taken | null;
  isRefused: boolean;
}

const days = new Map<string, { shown: Signal<Day>; watchers: number }>();
const NOTHING: Day = { taken: null, isRefused: false };

function onDay({ channel, data, kind }: ChannelEvent): void {
  const day = days.get(channel.replace(/^.*:/, ""));
  if (!day) return;
  day.shown.value =
    kind === "refused" ? { taken: null, isRefused: true } : { taken: readTaken(data), isRefused: false };
}

/** When tables are taken on a day, as long as the part is there that looks at it. */
export function useDay(date: string): Day {
  let day = days.get(date);
  if (!day) {
    day = { shown: signal(NOTHING), watchers: 0 };
    days.set(date, day);
  }
  const watched = day;
  useEffect(() => {
    if (date === "") return;
    const channel = `availability:${date}`;
    if (watched.watchers++ === 0) liveClient()?.watch(channel, onDay);
    return () => {
      if (--watched.watchers > 0) return;
      liveClient()?.unwatch(channel, onDay);
      watched.shown.value = NOTHING;
    };
  }, [date]);
  return day.shown.value;
}

export function begin(client: LiveClient): void {
  client.watch("tables", ({ data, kind }) => {
    if (kind !== "refused") wireRoom.value = data as WireRoom | null;
  });
  client.watch("mine", ({ data, kind }) => {
    if (kind !== "refused") wireMine.value = (data?.bookings ?? {}) as typeof wireMine.value;
  });
  for (const [date, { watchers }] of days) if (watchers > 0) client.watch(`availability:${date}`, onDay);
}

export function end(): void {
  wireRoom.value = null;
  wireMine.value = null;
  days.clear();
}

/** "Sat 28 Nov, 19:00–21:00" */
export function whenText(booking: { start_at: string; end_at: string }): string {
  const { day, time } = formats.value;
  const [start, end] = [Date.parse(booking.start_at), Date.parse(booking.end_at)];
  return `${day(booking.start_at.slice(0, 10))}, ${time(start)}–${time(end)}`;
}

/** "T2-1", or "T2-1 + T2-2" where they are pushed together. */
export const tablesText = ({ tables }: { tables: { name: string }[] }): string =>
  tables.map(({ name }) => isolate(name)).join(" + ");

export function bookingText(booking: OwnBooking): string {
  const w = words.value;
  return `${whenText(booking)}, ${w.atTable} ${tablesText(booking)}, ${w.guests(booking.guests)}`;
}
