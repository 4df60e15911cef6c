// A refusal, beside the control that asked: one sentence that is true for what was asked, and the next thing to do.
import type { ComponentChildren } from "preact";
import type { Problem } from "../api/problem.ts";
import type { Attempt } from "./attempt.ts";
import { language, venue, words } from "./state.ts";

/** What is wrong, in the reader's language; the hub's own English only where it says more to who reads English. */
export function problemText(problem: Problem): string {
  const w = words.value;
  const most = venue.value?.rules.guests_max_online;
  if (most && problem.fields.some(({ field }) => field === "guests")) return w.guestsUpTo(most);
  if (problem.fields.length > 0) {
    if (language.value === "en")
      return problem.fields.map(({ field, message }) => `${capital(w.fields[field] ?? field)}: ${message}.`).join(" ");
    const names = problem.fields.map(({ field }) => w.fields[field] ?? field);
    const isPassword = problem.fields.some(({ field }) => field === "password");
    return [w.check(names.join(", ")), isPassword && w.passwordHelp].filter(Boolean).join(" ");
  }
  const known = w.problems[problem.code];
  if (known) return known;
  return (language.value === "en" && problem.body.detail) || (w.problems.unavailable as string);
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Whether the hub refused this field of what was sent. */
export const isRefused = ({ trouble }: Attempt, field: string): boolean =>
  trouble.value?.problem.fields.some((each) => each.field === field) ?? false;

interface Props {
  attempt: Pick<Attempt, "trouble">;
  /** Words that are truer for what was asked than those of every page. */
  says?: (problem: Problem) => string | undefined;
  children?: ComponentChildren;
}

export function TroubleBox({ attempt, says, children }: Props) {
  const trouble = attempt.trouble.value;
  return (
    <div role="alert">
      {trouble && (
        <div class="problem">
          <p>{says?.(trouble.problem) ?? problemText(trouble.problem)}</p>
          {children}
          {trouble.again && (
            <button type="button" onClick={trouble.again}>
              {words.value.tryAgain}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
