// What the guest's page holds: the room and one's own bookings of who is logged in, and what is told of the days that
// are looked at.
import { computed, signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Problem } from "../../lib/api/problem.ts";
import type { WireOwnBooking, WireRoom, WireStarts } from "../../lib/api/wire.ts";
import type { LiveClient, Watcher } from "../../lib/live/client.ts";
import { liveClient } from "../../lib/page/session.ts";
import { account, api, formats, language, live, now, venue } from "../../lib/page/state.ts";
import { isolate } from "../../lib/ui/text.ts";
import { readRoom, readTaken, type Taken } from "../model/free.ts";
import { changeableUntil } from "../model/until.ts";
import { en } from "../words/en.ts";
import { ru } from "../words/ru.ts";

const CATALOGUES = { en, ru };
export const words = computed(() => CATALOGUES[language.value]);

export type OwnBooking = WireOwnBooking & { id: number };

const wireRoom = signal<WireRoom | null>(null);
export const room = computed(() => readRoom(wireRoom.value));
export const isRoomKnown = computed(() => wireRoom.value !== null);
const wireMine = signal<Record<string, WireOwnBooking> | null>(null);
/** Null: not known yet. */
export const mine = computed<OwnBooking[] | null>(
  () =>
    wireMine.value &&
    Object.entries(wireMine.value)
      .map(([id, booking]) => ({ id: Number(id), ...booking }))
      .sort((a, b) => Date.parse(a.start_at) - Date.parse(b.start_at) || a.id - b.id),
);

/** What is told of a day: to who is logged in when tables are taken, to everybody for whom its starts are free. */
export interface Day {
  taken: Taken | null;
  starts: WireStarts | null;
  isRefused: boolean;
}

const NOTHING: Day = { taken: null, starts: null, isRefused: false };
const AGAIN_MS = 10_000;

/** A day, as long as the part is there that looks at it. While the line does not tell of it, its starts are asked for. */
export function useDay(date: string): Day {
  const shown = useSignal({ date: "", day: NOTHING });
  const client = liveClient();
  useEffect(() => {
    if (date === "" || !client) return;
    const isKnown = account.peek() !== null;
    const channel = `${isKnown ? "availability" : "starts"}:${date}`;
    let isOn = true;
    const put = (told: Partial<Day>) => {
      const before = shown.peek();
      shown.value = { date, day: { ...(before.date === date ? before.day : NOTHING), isRefused: false, ...told } };
    };
    const hear: Watcher = ({ data, kind }) =>
      put(
        kind === "refused"
          ? { ...NOTHING, isRefused: true }
          : isKnown
            ? { taken: readTaken(data) }
            : { starts: data as WireStarts | null },
      );
    const isWaiting = () => isOn && live.peek().state !== "live";
    async function ask(): Promise<void> {
      if (!isWaiting()) return;
      try {
        const starts = await api.get<WireStarts>(`/days/${date}/starts`);
        if (isWaiting()) put({ starts });
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        if (problem.status === 404 && isWaiting()) put({ ...NOTHING, isRefused: true });
      }
    }
    client.watch(channel, hear);
    void ask();
    const asking = setInterval(() => void ask(), AGAIN_MS);
    return () => {
      isOn = false;
      clearInterval(asking);
      client.unwatch(channel, hear);
    };
  }, [date, client]);
  return shown.value.date === date ? shown.value.day : NOTHING;
}

export function begin(client: LiveClient): void {
  if (!account.value) return;
  client.watch("tables", ({ data, kind }) => {
    if (kind !== "refused") wireRoom.value = data as WireRoom | null;
  });
  client.watch("mine", ({ data, kind }) => {
    if (kind !== "refused") wireMine.value = (data?.bookings ?? {}) as typeof wireMine.value;
  });
}

export function end(): void {
  wireRoom.value = null;
  wireMine.value = null;
}

/** Until when it may be changed; null where the hub has not told by which rules. */
export const untilOf = (booking: OwnBooking): number | null => {
  const rules = venue.value?.rules;
  return rules ? changeableUntil(booking, rules) : null;
};

export function isLate(booking: OwnBooking): boolean {
  const until = untilOf(booking);
  return until !== null && now.value > until;
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
