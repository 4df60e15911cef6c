// The frame of a page with a session: the log-in while one is out; else its head, how old it may be, and the content,
// which on an open page visitors see too.
import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { LiveState } from "../ui/LiveState.tsx";
import { Name } from "../ui/Name.tsx";
import { Act } from "./Act.tsx";
import { LanguageChoice } from "./LanguageChoice.tsx";
import { farewellText, LogIn } from "./LogIn.tsx";
import { logIn, logOut, register } from "./session.ts";
import { account, entry, farewell, formats, isOld, live, stays, venue, words } from "./state.ts";

interface Props {
  title: string;
  links: { href: string; text: string }[];
  /** Of a page that is open to visitors: what its button to log in does. */
  toLogIn?: () => void;
  children: ComponentChildren;
}

export function Frame({ title, links, toLogIn, children }: Props) {
  const w = words.value;
  if (entry.value === "out") return <LogIn title={title} logIn={logIn} register={register} />;
  if (entry.value !== "in" && entry.value !== "visiting")
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
          {account.value && (
            <span>
              <Name text={account.value.full_name} />
            </span>
          )}
          <LanguageChoice />
          {account.value ? (
            <Act key="out" id="logout" class="quiet" onClick={() => void logOut()}>
              {w.logOut}
            </Act>
          ) : (
            <Act key="in" id="login" onClick={toLogIn}>
              {w.logIn}
            </Act>
          )}
        </div>
      </header>
      <LineSpoken />
      <Content key={stays.value} title={title}>
        {children}
      </Content>
    </>
  );
}

function Content({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const isNobody = account.value === null;
  // The control that was used is gone: who listens is told where they are now. A visitor has just come.
  useEffect(() => {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost && !(isNobody && farewell.value === "")) heading.current?.focus();
  }, [isNobody]);
  return (
    <main id="main" class={isOld.value ? "content old" : "content"} tabIndex={-1}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {isNobody && (
        <p id="farewell" class="said" role="status">
          {farewellText()}
        </p>
      )}
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
