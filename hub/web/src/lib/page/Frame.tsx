// The frame of a page with a session: the log-in while one is out; else its head, how old it may be, and the content.
import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { LiveState } from "../ui/LiveState.tsx";
import { Name } from "../ui/Name.tsx";
import { Act } from "./Act.tsx";
import { LanguageChoice } from "./LanguageChoice.tsx";
import { LogIn } from "./LogIn.tsx";
import { logIn, logOut, register } from "./session.ts";
import { account, entry, formats, isOld, live, venue, words } from "./state.ts";

interface Props {
  title: string;
  links: { href: string; text: string }[];
  children: ComponentChildren;
}

export function Frame({ title, links, children }: Props) {
  const w = words.value;
  if (entry.value === "out") return <LogIn title={title} logIn={logIn} register={register} />;
  if (entry.value !== "in")
    return (
      <main class="alone">
        <p role="status">{entry.value === "starting" ? w.loading : w.unreached}</p>
      </main>
    );
  return (
    <>
      <a class="skip" href="#main">
        {w.toMain}
      </a>
      <header class="page-head">
        <p class="brand">
          <Name text={venue.value?.name ?? ""} />
        </p>
        <div id="status">
          <LiveState status={live.value} words={w.live} seconds={formats.value.seconds} />
        </div>
        <nav class="acts" aria-label={w.pages}>
          {links.map(({ href, text }) => (
            <a key={href} class="button" href={href}>
              {text}
            </a>
          ))}
        </nav>
        <div class="who">
          <span>
            <Name text={account.value?.full_name ?? ""} />
          </span>
          <LanguageChoice />
          <Act id="logout" class="quiet" onClick={() => void logOut()}>
            {w.logOut}
          </Act>
        </div>
      </header>
      <LineSpoken />
      <Content title={title}>{children}</Content>
    </>
  );
}

function Content({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // The form that was used is gone: who listens is told where they are now.
  useEffect(() => heading.current?.focus(), []);
  return (
    <main id="main" class={isOld.value ? "content old" : "content"} tabIndex={-1}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </main>
  );
}

/** A line that is lost, and comes back, is said once each. */
function LineSpoken() {
  const text = useSignal("");
  useSignalEffect(() => {
    const w = words.value.live;
    if (live.value.state === "stale") text.value = w.saidStale;
    else if (live.value.state === "stopped") text.value = w.stopped;
    else if (live.value.state === "live" && text.peek()) text.value = w.saidLive;
  });
  return (
    <p id="spoken" class="unseen" role="status">
      {text.value}
    </p>
  );
}
