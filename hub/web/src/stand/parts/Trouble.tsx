// A refusal, beside the control that asked: one sentence, and the next thing to do.
import type { ComponentChildren } from "preact";
import { language, words } from "../store/app.ts";
import { dismiss, problemText, troubles } from "../store/writes.ts";

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
      <span>{says ?? problemText(trouble.problem)}</span>
      {language.value === "en" && trouble.problem.fields.length > 0 && (
        <ul>
          {trouble.problem.fields.map(({ field, message }) => (
            <li key={field}>
              {field}: {message}
            </li>
          ))}
        </ul>
      )}
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
