// The log-in of staff.
import { useState } from "preact/hooks";
import { Problem } from "../../lib/api/problem.ts";
import { prefix } from "../../lib/page/place.ts";
import { farewell, words } from "../store/app.ts";
import { logIn } from "../store/session.ts";
import { problemText } from "../store/writes.ts";
import { LanguageChoice } from "./LanguageChoice.tsx";

export function LogIn() {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const w = words.value;

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setProblem(null);
    try {
      await logIn(String(data.get("email")), String(data.get("password")));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="alone">
      <h1>{w.title}</h1>
      {farewell.value && <p role="status">{farewell.value}</p>}
      {/* post: sent before the script has run, the password would stand in the address otherwise */}
      <form class="form" method="post" onSubmit={submit}>
        <div class="field">
          <label for="email">{w.email}</label>
          <input id="email" name="email" type="email" autocomplete="username" required />
        </div>
        <div class="field">
          <label for="password">{w.password}</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            maxLength={128}
            required
          />
        </div>
        {problem && (
          <p class="problem" role="alert">
            {problem.status === 0 ? w.problems.unavailable : problemText(problem)}
          </p>
        )}
        <button type="submit" class="primary" disabled={isBusy}>
          {w.logIn}
        </button>
      </form>
      <p>
        <a href={`${prefix}/account`}>{w.forgot}</a>
      </p>
      <LanguageChoice />
    </main>
  );
}
