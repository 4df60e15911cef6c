// What can be done at a free place: book it, seat a walk-in there, or close the table.
import { useEffect, useRef } from "preact/hooks";
import { freeUntil, takenOf } from "../model/free.ts";
import { formats, now, words } from "../store/app.ts";
import { floor, isTonight, mayWrite } from "../store/days.ts";
import { tableName } from "../store/sentences.ts";
import { type Dialog, dialog, freeMenu } from "../store/windows.ts";

const WIDTH = 240;
const HEIGHT = 230;

export function FreeMenu() {
  const open = freeMenu.value;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const from = document.activeElement as HTMLElement | null;
    element.current?.querySelector("button")?.focus();
    const outside = (event: Event) => {
      if (!element.current?.contains(event.target as Node)) freeMenu.value = null;
    };
    addEventListener("pointerdown", outside);
    return () => {
      removeEventListener("pointerdown", outside);
      if (from?.isConnected && document.activeElement === document.body) from.focus();
    };
  }, [open]);
  if (!open) return null;
  const w = words.value;
  const { table, start } = open;
  const f = formats.value;
  const until = freeUntil(takenOf(floor.value, now.value), table, Math.max(start, now.value));
  const pick = (wanted: Dialog) => () => {
    freeMenu.value = null;
    dialog.value = wanted;
  };
  const place = {
    left: `${Math.max(8, Math.min(open.x, innerWidth - WIDTH - 8))}px`,
    top: `${Math.max(8, Math.min(open.y, innerHeight - HEIGHT - 8))}px`,
  };
  const isOff = !mayWrite.value;
  return (
    <div
      class="free-menu"
      ref={element}
      role="dialog"
      aria-label={w.said.freeAtTable(tableName(table), f.time(start))}
      style={place}
    >
      <p>
        <b>
          <bdi>{tableName(table)}</bdi>
        </b>{" "}
        {f.time(start)}
        {until !== null && until > now.value && <small> · {w.forms.until(f.time(until))}</small>}
      </p>
      {start > now.value && (
        <button type="button" disabled={isOff} onClick={pick({ kind: "phone", table, start })}>
          {w.acts.book}
        </button>
      )}
      {isTonight.value && (
        <button type="button" disabled={isOff} onClick={pick({ kind: "walkin", table })}>
          {w.acts.walkIn}
        </button>
      )}
      {start <= now.value && (
        <button type="button" disabled={isOff} onClick={pick({ kind: "phone", table })}>
          {w.acts.book}
        </button>
      )}
      <button
        type="button"
        disabled={isOff}
        onClick={pick({ kind: "block", table, start: Math.max(start, now.value) })}
      >
        {w.acts.block}
      </button>
    </div>
  );
}
