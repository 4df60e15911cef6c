// What somebody types over a line: it stays theirs while others change the line, until it is saved.
import { type Signal, useSignal } from "@preact/signals";

export interface Draft<T> {
  /** The line with what is typed over it. */
  shown: T;
  /** What differs from the line. */
  changes: Partial<T>;
  isDirty: boolean;
  set: (values: Partial<T>) => void;
  clear: () => void;
}

export function useDraft<T extends object>(item: T): Draft<T> {
  const typed: Signal<Partial<T>> = useSignal({});
  const changes = Object.fromEntries(
    Object.entries(typed.value).filter(([name, value]) => !isEqual(value, item[name as keyof T])),
  ) as Partial<T>;
  return {
    ...{ shown: { ...item, ...typed.value }, changes, isDirty: Object.keys(changes).length > 0 },
    set: (values) => {
      typed.value = { ...typed.value, ...values };
    },
    clear: () => {
      typed.value = {};
    },
  };
}

const isEqual = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
