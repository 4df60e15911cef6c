// When the hub is to be asked for the next service day: at the end of the one that is on, and again until it tells. Pure.

const AGAIN_MS = 5_000;

export class RollOver {
  #askedAt = Number.NEGATIVE_INFINITY;

  /** Whether to ask now. Times are ms since 1970 by the hub's clock; null: not known. */
  isDue(now: number | null, endsAt: string | undefined): boolean {
    const ends = Date.parse(endsAt ?? "");
    if (now === null || !(now >= ends) || now - this.#askedAt < AGAIN_MS) return false;
    this.#askedAt = now;
    return true;
  }
}
