// Log in, or register where a page lets who is new do so: one form whose further fields appear for them. It stands alone,
// or in a dialog over what a visitor has chosen.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { components } from "../../generated/rest.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { Name } from "../ui/Name.tsx";
import { Act } from "./Act.tsx";
import { useAttempt } from "./attempt.ts";
import { LanguageChoice } from "./LanguageChoice.tsx";
import { prefix } from "./place.ts";
import { farewell, language, venue, words } from "./state.ts";
import { isRefused, TroubleBox } from "./TroubleBox.tsx";

type Registration = components["schemas"]["Registration"];

interface Ways {
  logIn: (email: string, password: string) => Promise<void>;
  /** Left out: nobody registers there, and the page's own name stands above the form. */
  register?: ((who: Registration) => Promise<void>) | undefined;
}

const actText = (isNew: Signal<boolean>): string => (isNew.value ? words.value.register : words.value.logIn);

export const farewellText = (): string =>
  ({ "": "", over: words.value.sessionOver, out: words.value.loggedOut })[farewell.value];

export function LogIn({ title, ...ways }: Ways & { title: string }) {
  const isNew = useSignal(false);
  return (
    <main class="alone" id="signin">
      {(venue.value || ways.register) && <p class="brand">{venue.value ? <Name text={venue.value.name} /> : title}</p>}
      <h1>{ways.register ? actText(isNew) : title}</h1>
      <p role="status" class="said">
        {farewellText()}
      </p>
      <Form isNew={isNew} {...ways} />
      <p>
        <a href={`${prefix}/account`}>{words.value.forgot}</a>
      </p>
      <LanguageChoice />
    </main>
  );
}

/** `note`: what for. */
export function LogInDialog({ note, close, ...ways }: Ways & { note: string; close: () => void }) {
  const isNew = useSignal(false);
  return (
    <Dialog title={actText(isNew)} closeText={words.value.close} close={close}>
      <div class="form" id="signin">
        {note && <p>{note}</p>}
        <Form isNew={isNew} {...ways} />
        {/* In a tab of its own: what was chosen on this page stays. */}
        <a href={`${prefix}/account`} target="_blank" rel="noopener">
          {words.value.forgot}
        </a>
      </div>
    </Dialog>
  );
}

function Form({ isNew, logIn, register }: Ways & { isNew: Signal<boolean> }) {
  const w = words.value;
  const attempt = useAttempt();
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(data.get(name) ?? "");
    const [email, password] = [text("email"), text("password")];
    const who = { full_name: text("full_name"), phone_number: text("phone_number"), language: language.value };
    void attempt.run(() => (register && isNew.value ? register({ ...who, email, password }) : logIn(email, password)));
  }

  const invalid = (name: string) => (isRefused(attempt, name) ? "true" : undefined);
  return (
    // post: sent before the script has run, the password would stand in the address otherwise
    <form class="form" method="post" onSubmit={submit}>
      <div class="field">
        <label for="email">{w.email}</label>
        <input
          ref={first}
          id="email"
          name="email"
          type="email"
          autocomplete="username"
          maxLength={254}
          required
          aria-invalid={invalid("email")}
        />
      </div>
      {isNew.value && (
        <>
          <div class="field">
            <label for="full_name">{w.name}</label>
            <input
              id="full_name"
              name="full_name"
              dir="auto"
              autocomplete="name"
              maxLength={255}
              required
              aria-invalid={invalid("full_name")}
            />
          </div>
          <div class="field">
            <label for="phone_number">{w.phone}</label>
            <input
              id="phone_number"
              name="phone_number"
              type="tel"
              autocomplete="tel"
              minLength={5}
              maxLength={32}
              required
              aria-invalid={invalid("phone_number")}
            />
          </div>
        </>
      )}
      <div class="field">
        <label for="password">{w.password}</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete={isNew.value ? "new-password" : "current-password"}
          minLength={isNew.value ? 8 : undefined}
          maxLength={128}
          required
          aria-invalid={invalid("password")}
        />
      </div>
      <TroubleBox attempt={attempt} />
      <Act type="submit" class="primary" off={attempt.busy.value}>
        {actText(isNew)}
      </Act>
      {register && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            isNew.value = !isNew.value;
            attempt.clear();
          }}
        >
          {isNew.value ? w.haveAccount : w.newHere}
        </button>
      )}
    </form>
  );
}
