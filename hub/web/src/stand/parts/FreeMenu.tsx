// What can be done at a free place: book it, seat a walk-in there, or close the table.
import { useEffect, useRef } from "preact/hooks";
import { freeUntil } from "../model/free.ts";
import { formats, now, words } from "../store/app.ts";
import { isTonight, mayWrite, taken } from "../store/days.ts";
import { tableName } from "../store/sentences.ts";
import { type Dialog, dialog, freeMenu } from "../store/windows.ts";
import { unblock } from "../store/writes.ts";

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
  const until = freeUntil(taken.value, table, Math.max(start, now.value));
  const pick = (wanted: Dialog) => () => {
    freeMenu.value = null;
    dialog.value = wanted;
  };
  const place = {
    left: `${Math.max(8, Math.min(open.x, innerWidth - WIDTH - 8))}px`,
    top: `${Math.max(8, Math.min(open.y, innerHeight - HEIGHT - 8))}px`,
  };
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
      {open.block === undefined ? (
        <FreeActs table={table} start={start} pick={pick} />
      ) : (
        <button
          type="button"
          disabled={!mayWrite.value}
          onClick={() => {
            freeMenu.value = null;
            void unblock(open.block ?? 0, `block-${open.block}`);
          }}
        >
          {w.acts.unblock}
        </button>
      )}
    </div>
  );
}

interface ActsProps {
  table: number;
  start: number;
  pick: (wanted: Dialog) => () => void;
}

function FreeActs({ table, start, pick }: ActsProps) {
  const w = words.value;
  const isOff = !mayWrite.value;
  const book: Dialog = start > now.value ? { kind: "phone", table, start } : { kind: "phone", table };
  return (
    <>
      {isTonight.value && (
        <button type="button" disabled={isOff} onClick={pick({ kind: "walkin", table })}>
          {w.acts.walkIn}
        </button>
      )}
      <button type="button" disabled={isOff} onClick={pick(book)}>
        {w.acts.book}
      </button>
      <button
        type="button"
        disabled={isOff}
        onClick={pick({ kind: "block", table, start: Math.max(start, now.value) })}
      >
        {w.acts.block}
      </button>
    </>
  );
}
