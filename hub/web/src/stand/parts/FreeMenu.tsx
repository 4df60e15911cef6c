// What can be done at a free place: seat who waits, or a walk-in, there; book it; or close the table.
import { useEffect, useRef } from "preact/hooks";
import { isolate } from "../../lib/ui/text.ts";
import { freeUntil } from "../model/free.ts";
import { formats, now, words } from "../store/app.ts";
import { floor, isTonight, mayWrite, taken, takenTonight } from "../store/days.ts";
import { type Fitting, waitingFor } from "../store/seats.ts";
import { nameOf, tableName, tablesText } from "../store/sentences.ts";
import { seatWaiting } from "../store/turns.ts";
import { type Dialog, dialog, freeMenu } from "../store/windows.ts";
import { busy, unblock, waitPlace } from "../store/writes.ts";
import { WaitTrouble } from "./WaitTrouble.tsx";

const WIDTH = 240;
const HEIGHT = 230;
const EACH = 60;
const MOST = 3;

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
  const fitting = open.block === undefined && isHere(table, start) ? waitingFor(table).slice(0, MOST) : [];
  const height = HEIGHT + EACH * fitting.length;
  const closed = open.block === undefined ? [] : (floor.value.blocks.get(open.block)?.tables ?? []);
  const pick = (wanted: Dialog) => () => {
    freeMenu.value = null;
    dialog.value = wanted;
  };
  // By rules of style, which follow a window that is turned or enlarged; what grows beyond it scrolls.
  const top = `max(8px, min(${open.y}px, 100dvh - ${height + 8}px))`;
  const place = {
    left: `max(8px, min(${open.x}px, 100vw - ${WIDTH + 8}px))`,
    top,
    maxHeight: `calc(100dvh - ${top} - 8px)`,
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
        {until !== null && until > now.value && <small> · {w.since.freeUntil(f.time(until))}</small>}
      </p>
      {open.block === undefined ? (
        <>
          {fitting.map(({ entry, seat }) => (
            <SeatWaiting key={entry.id} entry={entry} seat={seat} />
          ))}
          <FreeActs table={table} start={start} pick={pick} />
        </>
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
          {closed.length > 1 && <small>{tablesText(closed)}</small>}
        </button>
      )}
    </div>
  );
}

/** Whether what was pointed at is free from now on, and not only later. */
function isHere(table: number, start: number): boolean {
  const until = freeUntil(takenTonight.value, table, now.value);
  return until === null || until > Math.max(start, now.value);
}

function SeatWaiting({ entry, seat }: Fitting) {
  const w = words.value;
  const close = () => {
    freeMenu.value = null;
  };
  const note = seat.until === null ? "" : w.forms.until(formats.value.time(seat.until));
  const where = seat.tables.length > 1 ? isolate(seat.name) : "";
  return (
    <>
      <button
        type="button"
        class="primary"
        disabled={!mayWrite.value || busy.value.has(waitPlace(entry))}
        onClick={() => void seatWaiting(entry, seat.tables, close)}
      >
        {w.forms.seatWho(nameOf(entry.name), w.guests(entry.guests))}{" "}
        <small>{[where, note].filter(Boolean).join(" · ")}</small>
      </button>
      <WaitTrouble entry={entry} done={close} />
    </>
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
