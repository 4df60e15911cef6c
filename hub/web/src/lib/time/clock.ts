// The two clocks of this device, and the hub's as the hub told it last: the device's own may be wrong, and may be set.

/** One moment by both clocks, in ms: the wall clock can be set, the monotonic one stands still while the device sleeps. */
export interface Reading {
  wall: number;
  mono: number;
}

export const reading = (): Reading => ({ wall: Date.now(), mono: performance.now() });

/** What passed, by the clock that says more. */
export const since = (now: Reading, earlier: Reading): number =>
  Math.max(now.wall - earlier.wall, now.mono - earlier.mono);

/** How long ago this was called. */
export function sinceNow(): () => number {
  const then = reading();
  return () => since(reading(), then);
}

let told: { at: number; since: () => number } | null = null;

/** The hub has just said that it is this time. */
export function hear(now: string): void {
  const at = Date.parse(now);
  if (!Number.isNaN(at)) told = { at, since: sinceNow() };
}

/** In ms since 1970; by the device's clock only until the hub has told. */
export const hubNow = (): number => (told ? told.at + told.since() : Date.now());
