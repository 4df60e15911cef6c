// What is said of a booking beside who comes when: the occasion, and what they need at the table.
import type { WireAnswer } from "../../lib/api/wire.ts";
import { words } from "../store/app.ts";

const NEEDS: WireAnswer["needs"] = [
  "step_free",
  "wheelchair",
  "high_chair",
  "pram",
  "assistance_dog",
  "quiet",
  "hearing",
];

interface Props {
  occasion: string;
  setOccasion: (occasion: string) => void;
  needs: string[];
  setNeeds: (needs: string[]) => void;
}

export function SaidFields({ occasion, setOccasion, needs, setNeeds }: Props) {
  const w = words.value;
  return (
    <>
      <label class="field">
        <span>{w.card.occasion}</span>
        <input
          maxLength={20}
          autocomplete="off"
          data-occasion
          value={occasion}
          onInput={({ currentTarget }) => setOccasion(currentTarget.value)}
        />
      </label>
      <fieldset class="numbers needs">
        <legend>{w.card.needs}</legend>
        <div class="chips">
          {NEEDS.map((need) => {
            const isNeeded = needs.includes(need);
            return (
              <button
                type="button"
                key={need}
                aria-pressed={isNeeded}
                onClick={() => setNeeds(isNeeded ? needs.filter((each) => each !== need) : [...needs, need])}
              >
                {w.needs[need]}
              </button>
            );
          })}
        </div>
      </fieldset>
    </>
  );
}
