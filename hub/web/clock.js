// The hub's clock as this device can know it: how far the two differ, and so how old a frame is.

// A better estimate is kept this long: clocks drift, and a device that slept may have been set anew.
const KEEP_MS = 300_000;

/** Milliseconds since 1970 of an RFC 3339 text, or of a number in s or ms; null when it can't be read. */
export function instant(value) {
  const at = typeof value === "number" ? (value < 1e11 ? value * 1000 : value) : Date.parse(value);
  return Number.isFinite(at) ? at : null;
}

export class HubClock {
  constructor() {
    this.offset = 0; // the hub's clock minus ours
    this.error = Infinity;
    this.learntAt = 0;
    this.sent = new Map();
  }

  /** The frame of this id leaves now; its answer will carry server_time. */
  ask(id) {
    this.sent.set(id, performance.now());
  }

  /** Half of the way there and back is the most that the estimate can be wrong: the quickest answer wins. */
  learn(id, serverTime) {
    const sentAt = this.sent.get(id);
    const at = instant(serverTime);
    this.sent.delete(id);
    if (sentAt === undefined || at === null) return;
    const error = (performance.now() - sentAt) / 2;
    const now = Date.now();
    const offset = at + error - now;
    // Two estimates further apart than both can be wrong: since the better one, a clock was set.
    const set = Math.abs(offset - this.offset) > error + this.error;
    if (!set && error > this.error && now - this.learntAt < KEEP_MS) return;
    Object.assign(this, { offset, error, learntAt: now });
  }

  forgetQuestions() {
    this.sent.clear();
  }

  /** An instant of the hub on this device's clock, in ms; null when it can't be read. */
  local(value) {
    const at = instant(value);
    return at === null ? null : at - this.offset;
  }
}
