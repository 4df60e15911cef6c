// Other hosts on the same day: which card each has open, what each drags. Lost words do no harm: they are said again.
import { computed, effect, signal } from "@preact/signals";
import type { WirePeople } from "../../lib/api/wire.ts";
import { date, live, liveClient } from "./days.ts";
import { heldId } from "./dragging.ts";
import { card } from "./windows.ts";

/** At most so often (the hub takes five words a second). */
const PAUSE_MS = 250;

const NOBODY: WirePeople = { people: {} };
const told = signal(NOBODY);
export const people = computed(() => {
  const own = liveClient()?.session;
  return Object.entries(told.value.people)
    .filter(([session]) => session !== own)
    .map(([session, each]) => ({ session, ...each }));
});

export const namesAt = (booking: number): string[] =>
  people.value.filter((each) => each.card === booking || each.dragging === booking).map(({ name }) => name);

let stops: (() => void)[] = [];
let saidAt = 0;
let later: ReturnType<typeof setTimeout> | undefined;

function sayNow(): void {
  clearTimeout(later);
  later = undefined;
  saidAt = performance.now();
  const data = { card: card.peek(), dragging: heldId.peek() };
  liveClient()?.say("presence", `presence:${date.peek()}`, data);
}

export function startPresence(): void {
  stops.push(
    effect(() => {
      const channel = `presence:${date.value}`;
      const listen = (event: { data: unknown; kind: string }) => {
        told.value = event.kind === "refused" ? NOBODY : (event.data as WirePeople);
      };
      liveClient()?.watch(channel, listen);
      return () => {
        liveClient()?.unwatch(channel, listen);
        told.value = NOBODY;
      };
    }),
    effect(() => {
      // Read here, so that each change of them is said.
      void [card.value, heldId.value, date.value, live.value.state === "live"];
      const wait = PAUSE_MS - (performance.now() - saidAt);
      if (wait <= 0) sayNow();
      else later ??= setTimeout(sayNow, wait);
    }),
  );
}

export function stopPresence(): void {
  for (const stop of stops) stop();
  stops = [];
  clearTimeout(later);
  later = undefined;
  told.value = NOBODY;
}
