// One action of a person as one call with a key of its own: it is under way once, and its refusal is kept to be shown.
import { type Signal, useSignal } from "@preact/signals";
import { newKey } from "../api/client.ts";
import { isUnknown, Problem } from "../api/problem.ts";

export interface Trouble {
  problem: Problem;
  /** The same action again, with the same key; null where that could not help. */
  again: (() => void) | null;
}

export interface Attempt {
  busy: Signal<boolean>;
  trouble: Signal<Trouble | null>;
  clear: () => void;
  /** Does `act`, and then `done`, at the first time or when it is tried again. */
  run: <T>(act: (key: string) => Promise<T>, done?: (answer: T) => void, key?: string) => Promise<void>;
}

export function useAttempt(): Attempt {
  const busy = useSignal(false);
  const trouble = useSignal<Trouble | null>(null);
  const clear = () => {
    trouble.value = null;
  };
  async function run<T>(
    act: (key: string) => Promise<T>,
    done: (answer: T) => void = () => {},
    key = newKey(),
  ): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    clear();
    try {
      done(await act(key));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      trouble.value = { problem, again: isUnknown(problem) ? () => void run(act, done, key) : null };
    } finally {
      busy.value = false;
    }
  }
  return { busy, trouble, clear, run };
}
