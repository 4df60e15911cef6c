// The starts of a day to choose from, as one group: what is taken says so, and greys out while one looks. Until the day
// has come the starts stand there that it is thought to have, so that nothing moves then.
import { Contact } from "../../lib/page/Contact.tsx";
import { formats } from "../../lib/page/state.ts";
import type { Offer } from "../model/free.ts";
import { words } from "../store/store.ts";

interface Props {
  /** Null: the day has not come yet. */
  offers: Offer[] | null;
  expected: number[];
  chosen: number | null;
  choose: (start: number) => void;
}

export function Times({ offers, expected, chosen, choose }: Props) {
  const w = words.value;
  const note =
    offers === null
      ? w.loading
      : offers.length === 0
        ? w.noTimes
        : offers.some(({ isFree }) => isFree)
          ? ""
          : w.nothingFree;
  return (
    <fieldset class="times aging">
      <legend>{w.freeTimes}</legend>
      <p role="status" class={offers === null ? "unseen" : undefined}>
        {note}
      </p>
      {note === w.nothingFree && <Contact />}
      <div class="chips">
        {offers === null &&
          expected.map((start) => (
            <span key={start} class="awaited" aria-hidden="true">
              {formats.value.time(start)}
            </span>
          ))}
        {(offers ?? []).map(({ start, isFree }) => {
          const time = formats.value.time(start);
          return (
            <label key={start} class={isFree ? "chip" : "chip taken"}>
              <input
                type="radio"
                name="start"
                required
                value={start}
                checked={start === chosen}
                aria-label={isFree ? time : w.takenTime(time)}
                onChange={() => choose(start)}
              />
              <span aria-hidden="true">{time}</span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
