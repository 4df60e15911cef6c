// The controls of a line: a name, a whole number, an area.
import { areas } from "../store/floor.ts";
import { words } from "../store/words.ts";

interface NameProps {
  label: string;
  value: string;
  most: number;
  needed?: boolean;
  id?: string;
  set: (value: string) => void;
}

/** `id`: it has a label of its own beside it. */
export function NameInput({ label, value, most, needed = true, id, set }: NameProps) {
  return (
    <input
      id={id}
      name="name"
      dir="auto"
      autocomplete="off"
      aria-label={id ? undefined : label}
      required={needed}
      maxLength={most}
      value={value}
      onInput={({ currentTarget }) => set(currentTarget.value)}
    />
  );
}

interface NumberProps {
  label: string;
  name: string;
  value: number;
  from: number;
  to: number;
  id?: string;
  set: (value: number) => void;
}

export function NumberInput({ label, name, value, from, to, id, set }: NumberProps) {
  return (
    <input
      id={id}
      name={name}
      type="number"
      inputMode="numeric"
      aria-label={id ? undefined : label}
      required
      min={from}
      max={to}
      value={Number.isNaN(value) ? "" : value}
      onInput={({ currentTarget }) => set(currentTarget.valueAsNumber)}
    />
  );
}

interface AreaProps {
  label: string;
  value: number | null;
  id?: string;
  set: (value: number | null) => void;
}

export function AreaInput({ label, value, id, set }: AreaProps) {
  return (
    <select
      id={id}
      name="area_id"
      aria-label={id ? undefined : label}
      value={value ?? ""}
      onChange={({ currentTarget }) => set(currentTarget.value ? Number(currentTarget.value) : null)}
    >
      <option value="">{words.value.noArea}</option>
      {areas.value.map(({ id: area, name }) => (
        <option key={area} value={area}>
          {name}
        </option>
      ))}
    </select>
  );
}
