// A few choices of which one is on, as buttons that say so.
import type { Signal } from "@preact/signals";

interface Props<T extends string> {
  label: string;
  chosen: Signal<T>;
  options: [T, string, number?][];
}

export function Tabs<T extends string>({ label, chosen, options }: Props<T>) {
  return (
    <fieldset class="tabs">
      <legend class="unseen">{label}</legend>
      {options.map(([value, text, count]) => (
        <button type="button" key={value} aria-pressed={chosen.value === value} onClick={() => (chosen.value = value)}>
          {text}
          {count !== undefined && <small> {count}</small>}
        </button>
      ))}
    </fieldset>
  );
}
