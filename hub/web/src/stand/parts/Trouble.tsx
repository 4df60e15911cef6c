// A refusal, beside the control that asked: one sentence, and the next thing to do.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../store/app.ts";
import { upToText } from "../store/sentences.ts";
import { dismiss, problemText, type Trouble as Refused, troubles } from "../store/writes.ts";

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
  /** The button that does it all the same. */
  act?: ComponentChildren;
  /** What it is called to leave it at that. */
  leave?: string;
  children?: ComponentChildren;
}

/** Those that were brought into view: whoever comes back to a list stays where they are. */
const seen = new WeakSet<Refused>();

export function Trouble({ place, says, act, leave, children }: Props) {
  const trouble = troubles.value.get(place);
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (trouble && !seen.has(trouble)) element.current?.scrollIntoView({ block: "nearest" });
  }, [trouble]);
  // It may stand at two places, which are drawn at once.
  useEffect(() => {
    if (trouble) seen.add(trouble);
  }, [trouble]);
  if (!trouble) return null;
  const w = words.value;
  return (
    <div class="problem" role="alert" ref={element}>
      <span>{says ?? fieldsText(trouble.problem.fields) ?? problemText(trouble.problem)}</span>
      {children}
      <div class="acts">
        {act}
        {trouble.again && (
          <button type="button" onClick={trouble.again}>
            {w.acts.tryAgain}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => dismiss(place)}>
          {leave ?? w.acts.gotIt}
        </button>
      </div>
    </div>
  );
}
