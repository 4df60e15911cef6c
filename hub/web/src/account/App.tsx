// One question, one field, one button; and what the hub says to it.
import { computed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Api } from "../lib/api/client.ts";
import { Act } from "../lib/page/Act.tsx";
import { useAttempt } from "../lib/page/attempt.ts";
import { LanguageChoice } from "../lib/page/LanguageChoice.tsx";
import { prefix } from "../lib/page/place.ts";
import { language, venue } from "../lib/page/state.ts";
import { isRefused, TroubleBox } from "../lib/page/TroubleBox.tsx";
import { Name } from "../lib/ui/Name.tsx";
import { en } from "./words/en.ts";
import { ru } from "./words/ru.ts";

const CATALOGUES = { en, ru };
export const words = computed(() => CATALOGUES[language.value]);

const noSession = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
const api = new Api({ store: noSession });

// The call, and the field that it takes, with what a password manager puts into it.
const CALLS = {
  verify: { path: "/auth/verify", field: "password", fill: "current-password" },
  reset: { path: "/auth/reset", field: "password", fill: "new-password" },
  ask: { path: "/auth/reset-request", field: "email", fill: "username" },
} as const;

export function App({ kind, token }: { kind: keyof typeof CALLS; token: string | undefined }) {
  const w = words.value;
  const { path, field, fill } = CALLS[kind];
  const text = w[kind];
  const attempt = useAttempt();
  const isDone = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const isOldLink = attempt.trouble.value?.problem.status === 401;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const body = { [field]: input.current?.value ?? "", ...(token && { token }) };
    void attempt.run(
      () => api.once("POST", path, body),
      () => {
        isDone.value = true;
      },
    );
  }

  const asked = {
    ...{ ref: input, id: field, name: field, autocomplete: fill, required: true },
    "aria-invalid": isRefused(attempt, field) ? ("true" as const) : undefined,
  };
  const label = { verify: w.password, reset: w.newPassword, ask: w.email }[kind];
  return (
    <main class="alone">
      {venue.value && (
        <p class="brand">
          <Name text={venue.value.name} />
        </p>
      )}
      <h1>{text.title}</h1>
      <p id="said" role="status">
        {isDone.value ? text.done : text.question}
      </p>
      {/* post: sent before the script has run, what is typed would stand in the address otherwise */}
      <form class="form" method="post" hidden={isDone.value} onSubmit={submit}>
        {field === "password" && <input type="email" autocomplete="username" hidden disabled />}
        <div class="field">
          <label for={field}>{label}</label>
          {field === "email" ? (
            <input {...asked} type="email" maxLength={254} />
          ) : (
            <input {...asked} type="password" minLength={8} maxLength={128} />
          )}
        </div>
        {isOldLink ? (
          <p class="problem" role="alert">
            {w.oldLink}
          </p>
        ) : (
          <TroubleBox attempt={attempt} />
        )}
        <Act type="submit" class="primary" off={attempt.busy.value}>
          {text.button}
        </Act>
      </form>
      {isOldLink && <a href={`${prefix}/account`}>{w.askAnew}</a>}
      <a href={`${prefix}/`}>{w.toLogIn}</a>
      <LanguageChoice />
    </main>
  );
}
