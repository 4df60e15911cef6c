// A refusal, beside the control that asked: one sentence, and the next thing to do.
import type { ComponentChildren } from "preact";
import { words } from "../store/app.ts";
import { upToText } from "../store/sentences.ts";
import { dismiss, problemText, troubles } from "../store/writes.ts";

/** What is wrong with each field that was refused; null where one of them has no words of ours. */
function fieldsText(fields: { field: string }[]): string | null {
  const said = fields.map(({ field }) =>
    field === "guests" ? upToText() : words.value.fieldProblems[field.split(".").at(-1) ?? ""],
  );
  return said.length > 0 && said.every(Boolean) ? said.join(" ") : null;
}

interface Props {
  place: string;
  /** Words that are truer for what was asked than those of the code. */
  says?: string | undefined;
  children?: ComponentChildren;
}

export function Trouble({ place, says, children }: Props) {
  const trouble = troubles.value.get(place);
  if (!trouble) return null;
  const w = words.value;
  return (
    <div class="problem" role="alert">
      <span>{says ?? fieldsText(trouble.problem.fields) ?? problemText(trouble.problem)}</span>
      {children}
      <div class="acts">
        {trouble.again && (
          <button type="button" onClick={trouble.again}>
            {w.acts.tryAgain}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => dismiss(place)}>
          {w.acts.gotIt}
        </button>
      </div>
    </div>
  );
}
