// What is said of a booking beside who comes when: the occasion, and what they need at the table.
import type { WireAnswer } from "../api/wire.ts";

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
  words: { occasion: string; needs: string };
  /** What each need is called. */
  names: Record<string, string>;
  occasion: string;
  setOccasion: (occasion: string) => void;
  needs: string[];
  setNeeds: (needs: string[]) => void;
}

export function SaidFields({ words: w, names, occasion, setOccasion, needs, setNeeds }: Props) {
  return (
    <>
      <label class="field">
        <span class="label">{w.occasion}</span>
        <input
          maxLength={20}
          autocomplete="off"
          data-occasion
          value={occasion}
          onInput={({ currentTarget }) => setOccasion(currentTarget.value)}
        />
      </label>
      <fieldset class="numbers needs">
        <legend>{w.needs}</legend>
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
                {names[need]}
              </button>
            );
          })}
        </div>
      </fieldset>
    </>
  );
}
