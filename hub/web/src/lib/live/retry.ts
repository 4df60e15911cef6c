// What to do after a close: stop, renew the token, or come back, and when. Pure, and the twin of hub/client/retry.py.
// A bye says what to do. Without one the close code's table does, and a code that is not in it means: back off.

export const BASE_MS = 500;
export const CAP_MS = 20_000;
export const CALM_MS = 30_000;

// What a broken program earns, or a token that is not accepted: the next try would earn it again.
export const STOPS = new Set([1002, 1003, 1007, 1009, 4000, 4001, 4003]);
export const RENEWS = new Set([4200]);
// Here the hub's range is the least pause, and the client's own grows beyond it.
export const BACKS_OFF = new Set([4002, 4100, 4101]);

export type Random = () => number;

export interface Bye {
  code: number;
  reason?: string;
  reconnect?: boolean;
  retry_after_ms?: unknown;
}

export interface Next {
  act: "stop" | "renew" | "retry";
  code: number;
  delay: number;
}

/** Full jitter: anywhere between nothing and a bound that doubles, so that many clients spread out. */
export function backoff(attempt: number, random: Random): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 16));
}

/** A random number of a range [from, to]; null where it says nothing. */
function within(range: unknown, random: Random): number | null {
  if (!Array.isArray(range) || range.length !== 2 || !range.every(Number.isFinite)) return null;
  const [low, high] = range as [number, number];
  return 0 <= low && low <= high && high > 0 ? low + random() * (high - low) : null;
}

/**
 * What to do after a close: {act: "stop" | "renew" | "retry", code, delay}, the delay in ms. `bye` is the hub's last
 * word or null; `attempt` counts since the last calm; `renewed`: a renewal has just been tried and led here again.
 */
export function afterClose({
  code: closed,
  bye,
  attempt,
  renewed,
  random,
}: {
  code: number;
  bye: Bye | null;
  attempt: number;
  renewed: boolean;
  random: Random;
}): Next {
  // The close code can be lost on the way (1006); the bye before it is then the better witness.
  const code = bye?.code ?? closed;
  if (!(bye?.reconnect ?? !STOPS.has(code))) return { act: "stop", code, delay: 0 };
  const pause = backoff(attempt, random);
  // At once, but only once: a hub that refuses a fresh token must not be asked in a tight circle.
  if (RENEWS.has(code)) return { act: "renew", code, delay: renewed ? pause : 0 };
  const asked = within(bye?.retry_after_ms, random);
  if (asked === null) return { act: "retry", code, delay: pause };
  return { act: "retry", code, delay: BACKS_OFF.has(code) ? Math.max(asked, pause) : asked };
}
