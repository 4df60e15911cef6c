// The starts of a day to choose from, as one group: what is taken says so, and greys out while one looks.
import { formats } from "../../lib/page/state.ts";
import type { Offer } from "../model/free.ts";
import { words } from "../store/store.ts";

interface Props {
  /** Null: the day has not come yet. */
  offers: Offer[] | null;
  chosen: number | null;
  choose: (start: number) => void;
}

export function Times({ offers, chosen, choose }: Props) {
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
      <p role="status">{note}</p>
      <div class="chips">
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
