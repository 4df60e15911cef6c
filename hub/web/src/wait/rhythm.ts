// When the place is asked for again: often at first and after each change, then ever more slowly; and no more once a
// wait has been over for long. Pure.
export const FIRST_MS = 10_000;
export const SLOWEST_MS = 60_000;
const SLOWER = 1.25;
/** A wait that is over may be taken up again for ten minutes: so often it is asked for after its end. */
const AFTER_END = 12;

export class Rhythm {
  #pause = FIRST_MS;
  #last = "";
  #afterEnd = 0;

  /** How long until the next question, after this answer ("": there was none); null: there is none. */
  after(answer: string, isOver: boolean): number | null {
    if (answer !== "" && answer !== this.#last) {
      this.#last = answer;
      this.#pause = FIRST_MS;
      this.#afterEnd = 0;
    } else this.#pause = Math.min(SLOWEST_MS, Math.round(this.#pause * SLOWER));
    if (!isOver) return this.#pause;
    this.#afterEnd += 1;
    return this.#afterEnd > AFTER_END ? null : SLOWEST_MS;
  }
}
