// The hub's clock on this device, as the hub told it last: the device's own may be wrong, and may be set meanwhile.

/** How long ago this was called, by the longer of two clocks: one can be set, the other stands still during a sleep. */
export function sinceNow(): () => number {
  const [wall, mono] = [Date.now(), performance.now()];
  return () => Math.max(Date.now() - wall, performance.now() - mono);
}

let told: { at: number; since: () => number } | null = null;

/** The hub has just said that it is this time. */
export function hear(now: string): void {
  const at = Date.parse(now);
  if (!Number.isNaN(at)) told = { at, since: sinceNow() };
}

/** In ms since 1970; by the device's clock only until the hub has told. */
export const hubNow = (): number => (told ? told.at + told.since() : Date.now());
