// When the hub is to be asked for the next service day: at the end of the one that is on, and again until it tells. Pure.

const AGAIN_MS = 5_000;

export class RollOver {
  #askedAt = Number.NEGATIVE_INFINITY;

  /** Whether to ask now. `now` is ms since 1970 by the hub's clock, on a page without a live line as it was told last. */
  isDue(now: number, endsAt: string | undefined): boolean {
    const ends = Date.parse(endsAt ?? "");
    // A clock may be put right, back from far ahead: what was asked then is no reason to wait.
    const wasJustAsked = now >= this.#askedAt && now - this.#askedAt < AGAIN_MS;
    if (!(now >= ends) || wasJustAsked) return false;
    this.#askedAt = now;
    return true;
  }
}
