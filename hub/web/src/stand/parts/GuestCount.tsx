// How many they are: one touch for the usual numbers, a field for the others.
import { words } from "../store/app.ts";

const USUAL = [1, 2, 3, 4, 5, 6, 7, 8];

export function GuestCount({ value, set }: { value: number | null; set: (guests: number) => void }) {
  const w = words.value;
  return (
    <fieldset class="numbers">
      <legend>{w.forms.guestsMany}</legend>
      <div class="chips">
        {USUAL.map((guests) => (
          <button
            type="button"
            key={guests}
            aria-pressed={value === guests}
            aria-label={w.guests(guests)}
            onClick={() => set(guests)}
          >
            {guests}
          </button>
        ))}
        <input
          type="number"
          min={1}
          max={99}
          aria-label={`${w.forms.guestsMany} ${w.forms.more}`}
          placeholder="9+"
          value={value !== null && value > 8 ? value : ""}
          onInput={({ currentTarget }) => {
            if (currentTarget.valueAsNumber > 0) set(currentTarget.valueAsNumber);
          }}
        />
      </div>
    </fieldset>
  );
}
