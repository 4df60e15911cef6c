// Who is logged in, and what is done seldom: print, keys, language, log out.

import { useEffect, useRef, useState } from "preact/hooks";
import { LanguageChoice } from "../../lib/page/LanguageChoice.tsx";
import { Name } from "../../lib/ui/Name.tsx";
import { words } from "../store/app.ts";
import { logOut } from "../store/session.ts";
import { dialog } from "../store/windows.ts";

export function UserMenu({ name }: { name: string }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const w = words.value;
  useEffect(() => {
    if (!isOpen) return;
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const leave = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      root.current?.querySelector("button")?.focus();
    };
    addEventListener("pointerdown", outside);
    addEventListener("keydown", leave);
    return () => {
      removeEventListener("pointerdown", outside);
      removeEventListener("keydown", leave);
    };
  }, [isOpen]);
  const pick = (act: () => void) => () => {
    setOpen(false);
    act();
  };
  return (
    <div class="user" ref={root}>
      <button
        type="button"
        class="quiet"
        aria-expanded={isOpen}
        aria-label={`${w.menu}, ${name}`}
        onClick={() => setOpen(!isOpen)}
      >
        <Name text={name} /> <span aria-hidden="true">▾</span>
      </button>
      {isOpen && (
        <div class="user-menu">
          <button type="button" class="quiet" onClick={pick(() => (dialog.value = { kind: "print" }))}>
            {w.print}
          </button>
          <button type="button" class="quiet" onClick={pick(() => (dialog.value = { kind: "help" }))}>
            {w.help}
          </button>
          <LanguageChoice />
          <button type="button" class="quiet" onClick={pick(() => void logOut())}>
            {w.logOut}
          </button>
        </div>
      )}
    </div>
  );
}
