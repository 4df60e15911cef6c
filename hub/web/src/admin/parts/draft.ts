// What somebody types over a line: it stays theirs while others change the line, until it is saved.
import { type Signal, useSignal } from "@preact/signals";

export interface Draft<T> {
  /** The line with what is typed over it. */
  shown: T;
  /** What differs from the line. */
  changes: Partial<T>;
  isDirty: boolean;
  /** Whether somebody else has changed meanwhile what was typed over. */
  isOvertaken: boolean;
  set: (values: Partial<T>) => void;
  clear: () => void;
}

export function useDraft<T extends object>(item: T): Draft<T> {
  const typed: Signal<Partial<T>> = useSignal({});
  const before: Signal<Partial<T>> = useSignal({}); // what was there when it was typed over
  const changes = Object.fromEntries(
    Object.entries(typed.value).filter(([name, value]) => !isEqual(value, item[name as keyof T])),
  ) as Partial<T>;
  const names = Object.keys(changes) as (keyof T)[];
  return {
    isOvertaken: names.some((name) => !isEqual(before.value[name], item[name])),
    ...{ shown: { ...item, ...typed.value }, changes, isDirty: names.length > 0 },
    set: (values) => {
      for (const name of Object.keys(values) as (keyof T)[])
        if (!(name in changes)) before.value = { ...before.value, [name]: item[name] };
      typed.value = { ...typed.value, ...values };
    },
    clear: () => {
      typed.value = {};
    },
  };
}

const isEqual = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
