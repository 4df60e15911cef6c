// What the guest wants the house to know: a note, and behind a line that opens the occasion and what they need.
import { type Signal, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { SaidFields } from "../../lib/ui/SaidFields.tsx";
import type { Said } from "../model/said.ts";
import { words } from "../store/store.ts";

export function Saying({ said }: { said: Signal<Said> }) {
  const w = words.value;
  const id = useId();
  const { note, occasion, needs } = said.value;
  // As it was at first: what is typed closes nothing.
  const isOpen = useSignal(occasion !== "" || needs.length > 0);
  const set = (more: Partial<Said>) => {
    said.value = { ...said.value, ...more };
  };
  return (
    <>
      <div class="field">
        <label for={id}>{w.note}</label>
        <textarea
          id={id}
          name="note"
          rows={2}
          maxLength={500}
          value={note}
          onInput={({ currentTarget }) => set({ note: currentTarget.value })}
        />
      </div>
      <details class="more" open={isOpen.value}>
        <summary>{w.moreToSay}</summary>
        <div class="form">
          <SaidFields
            {...{ words: w, names: w.needNames, occasion, needs }}
            setOccasion={(text) => set({ occasion: text })}
            setNeeds={(chosen) => set({ needs: chosen })}
          />
        </div>
      </details>
    </>
  );
}
