// How old may be what this page holds: the age rule of docs/live-protocol.md, and the twin of hub/client/age.py. Pure.
//
// The hub says "all that I showed was equal to the database at verified_at", by its own clock. A pong carries the hub's
// time, read after the ping was sent: so server_time − our clock when the ping was sent is at least how far the hub's
// clock is ahead, and the least such bound is the best. The age that comes out is never too small, however slow the line.
//
// A wall clock can be set, and a monotonic one stands still while the machine sleeps: when the two disagree, no bound
// from before can be trusted. A reading of both is {wall, mono}; all times are milliseconds.

import { type Reading, since } from "../time/clock.ts";

interface Bound {
  sent: Reading;
  came: Reading;
  serverTime: number;
}

export const BOUNDS = 12; // one minute of pings
export const JUMP_MS = 250; // more than two clocks drift apart in that minute
export const STALE_AFTER_MS = 5_000;

const jumped = (now: Reading, earlier: Reading) =>
  Math.abs(now.wall - earlier.wall - (now.mono - earlier.mono)) > JUMP_MS;

// Whether one difference of the clocks can explain both answers: if none can, the hub's clock was set in between.
function agree(a: Bound, b: Bound): boolean {
  const [aLeast, aMost] = [a.serverTime - a.came.wall, a.serverTime - a.sent.wall];
  const [bLeast, bMost] = [b.serverTime - b.came.wall, b.serverTime - b.sent.wall];
  return aLeast - JUMP_MS <= bMost && bLeast - JUMP_MS <= aMost;
}

export class AgeRule {
  #bounds: Bound[] = [];
  #sent = new Map<number, Reading>();
  #verifiedAt: number | null = null;
  staleAfter = STALE_AFTER_MS;

  /** Another connection may lead to another process, whose clock and freshness are its own. */
  reset(): void {
    this.#bounds = [];
    this.#sent.clear();
    this.#verifiedAt = null;
  }

  /** A ping of this id leaves now. */
  ping(id: number, now: Reading): void {
    this.#sent.set(id, now);
  }

  /** Its answer came. An id that was not sent on this connection says nothing. */
  pong(id: number, serverTime: number, now: Reading): void {
    const sent = this.#sent.get(id);
    this.#sent.delete(id);
    if (!sent || jumped(now, sent)) return;
    const bound = { sent, came: now, serverTime };
    this.#bounds = [...this.#bounds.filter((each) => agree(each, bound)), bound].slice(-BOUNDS);
  }

  /** The hub's last word on when it verified; null: it never has. */
  fresh(verifiedAt: number | null): void {
    this.#verifiedAt = verifiedAt;
  }

  /** The hub's clock now, at most; null while nothing can be said. */
  hubTime(now: Reading): number | null {
    // When the clocks disagree, neither a bound from before counts any more, nor a ping that is under way, even if they
    // should agree again when its answer comes.
    for (const [id, sent] of this.#sent) if (jumped(now, sent)) this.#sent.delete(id);
    if (this.#bounds.some(({ sent }) => jumped(now, sent))) this.#bounds = [];
    if (this.#bounds.length === 0) return null;
    return Math.min(...this.#bounds.map(({ sent, serverTime }) => serverTime + since(now, sent)));
  }

  /** How old, at most, is what this connection has shown; null while nothing can be said. */
  age(now: Reading): number | null {
    const hubTime = this.hubTime(now);
    if (hubTime === null || this.#verifiedAt === null) return null;
    const age = hubTime - this.#verifiedAt;
    if (age >= -JUMP_MS) return Math.max(0, age);
    // Verified in the future: the hub's clock was set.
    this.#bounds = [];
    return null;
  }

  /** For how long it stays live if nothing more is heard; 0: it is stale. */
  liveFor(now: Reading): number {
    const age = this.age(now);
    return age === null || age > this.staleAfter ? 0 : this.staleAfter - age + 1;
  }

  /** Whether there is no bound (any more), so that a ping is wanted now; one that is under way may still help. */
  lostBounds(now: Reading): boolean {
    this.age(now);
    return this.#bounds.length === 0 && this.#sent.size === 0;
  }
}
