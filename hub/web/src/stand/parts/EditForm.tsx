// A form in which somebody is put right: saved over what the person saw, and over what it is now only when they say so.
import type { ComponentChildren } from "preact";
import { words } from "../store/app.ts";
import { mayWrite } from "../store/days.ts";
import { busy, dismiss } from "../store/writes.ts";
import { Both } from "./Both.tsx";
import { Trouble } from "./Trouble.tsx";

interface Props {
  /** Its class. */
  name: string;
  /** What its write is called by. */
  place: string;
  isComplete: boolean;
  /** Where somebody else was first: what the person saw and what it is now, as lines. */
  both: { seen: string[]; current: string[] } | null;
  send: () => void;
  again: () => void;
  close: () => void;
  children: ComponentChildren;
}

export function EditForm({ name, place, isComplete, both, send, again, close, children }: Props) {
  const w = words.value;
  const leave = () => {
    dismiss(place);
    close();
  };
  return (
    <form
      class={`form ${name}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {children}
      {both ? <Both {...both} again={again} leave={leave} /> : <Trouble place={place} />}
      <div class="acts">
        <button
          type="submit"
          class="primary"
          disabled={!mayWrite.value || busy.value.has(place) || both !== null || !isComplete}
        >
          {w.save}
        </button>
        <button type="button" onClick={leave}>
          {w.cancel}
        </button>
      </div>
    </form>
  );
}
