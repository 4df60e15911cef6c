// When to connect again: the close codes of docs/live-protocol.md, pure and without a clock.

export const BASE_MS = 500;
export const CAP_MS = 20_000;
export const CALM_MS = 30_000;

const UNAUTHENTICATED = 4001;
const TOKEN_EXPIRED = 4200;
// The band says what to do, so that a code newer than this page is understood too.
const band = (code) => Math.floor(code / 100);
const FINAL = 40;
// A limit was met: the hub's range is a wish, the growing pause is the duty.
const LIMITED = 41;
const EXPIRED = 42;
// What a client's own broken frame earns: as final as the band, the next one would earn it again.
const BROKEN = new Set([1003, 1007, 1009]);

/** Full jitter: anywhere between nothing and a bound that doubles, so that many clients spread out. */
export function backoff(attempt, random) {
  return Math.floor(random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 16)));
}

function withinRange(range, random) {
  if (!Array.isArray(range) || range.length !== 2) return null;
  const [low, high] = range.map(Number);
  if (!Number.isFinite(low) || !Number.isFinite(high) || high < low) return null;
  return Math.floor(low + random() * (high - low));
}

/**
 * What to do after a close: {act: "stop"}, {act: "renew", delay} or {act: "retry", delay}, delays in ms.
 * `bye` is the hub's last word or null; `attempt` counts since the last calm; `renewed` says that a
 * renewal has just been tried and led here again, `accepted` that the hub took this very token before: then
 * it ended while we were away, and may still be renewed.
 */
export function afterClose({ code, bye, attempt, renewed, accepted, random }) {
  // A close code can be lost on the way (1006); the bye before it is then the better witness.
  const said = bye?.code ?? code;
  const cause = said === UNAUTHENTICATED && accepted ? TOKEN_EXPIRED : said;
  const final = band(cause) === FINAL || BROKEN.has(cause);
  if (final && !bye?.reconnect) return { act: "stop", code: cause };
  if (band(cause) === EXPIRED) {
    // At once, but only once: a hub that refuses a fresh token must not be asked in a tight circle.
    return { act: "renew", code: cause, delay: renewed ? backoff(attempt, random) : 0 };
  }
  if (bye?.reconnect === false) return { act: "stop", code: cause };
  const wished = withinRange(bye?.retry_after_ms, random);
  const pause = backoff(attempt, random);
  const delay = wished === null ? pause : band(cause) === LIMITED ? Math.max(wished, pause) : wished;
  return { act: "retry", code: cause, delay };
}
