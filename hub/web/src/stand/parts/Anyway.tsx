// What staff may do in spite of a refusal: say why, and ask for the same again with just the rule that refused it.
import { useState } from "preact/hooks";
import { words } from "../store/app.ts";
import { mayWrite } from "../store/days.ts";
import { busy, type Exceeding, troubles } from "../store/writes.ts";

interface Props {
  place: string;
  text: string;
  again: (more: Exceeding) => void;
  /** What is to be passed over, where that is known before it was asked; else what the refusal names. */
  exceed?: string[];
}

const MOST = 200;

export function Anyway({ place, text, again, exceed: known }: Props) {
  const [reason, setReason] = useState("");
  const exceed = known ?? troubles.value.get(place)?.problem.body.exceed ?? [];
  if (exceed.length === 0) return null;
  const said = reason.trim();
  return (
    <div class="anyway">
      <label class="field">
        <span>{words.value.forms.why}</span>
        <input
          maxLength={MOST}
          autofocus={known !== undefined}
          autocomplete="off"
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
      <button
        type="button"
        disabled={said === "" || !mayWrite.value || busy.value.has(place)}
        onClick={() => again({ exceed, reason: said })}
      >
        {text}
      </button>
    </div>
  );
}
