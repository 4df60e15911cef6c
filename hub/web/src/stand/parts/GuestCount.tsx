// How many they are: one touch for the usual numbers, a field for the others.
import { words } from "../store/app.ts";

const USUAL = [1, 2, 3, 4, 5, 6, 7, 8];

interface Props {
  value: number | null;
  set: (guests: number) => void;
  /** Whether a form begins with it. */
  isFirst?: boolean;
}

export function GuestCount({ value, set, isFirst = false }: Props) {
  const w = words.value;
  return (
    <fieldset
      class="numbers"
      onKeyDown={(event) => {
        // A digit is a number of guests, wherever among them the focus is.
        if (!/^[1-9]$/.test(event.key) || event.target instanceof HTMLInputElement) return;
        event.preventDefault();
        set(Number(event.key));
      }}
    >
      <legend>{w.forms.guestsMany}</legend>
      <div class="chips">
        {USUAL.map((guests) => (
          <button
            type="button"
            autofocus={isFirst && guests === (value ?? 2)}
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
