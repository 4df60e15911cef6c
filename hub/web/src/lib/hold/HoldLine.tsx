// What a form says of its hold: for how long the table is kept, and the one button that keeps it longer, or again.
import { useEffect, useLayoutEffect, useMemo } from "preact/hooks";
import type { Api } from "../api/client.ts";
import type { Problem } from "../api/problem.ts";
import { Act } from "../page/Act.tsx";
import type { Words } from "../words/en.ts";
import { type HoldRequest, type HoldState, TableHold } from "./hold.ts";

/** A hold of its own for a form, let go with it. */
export function useHold(api: Api): TableHold {
  const hold = useMemo(() => new TableHold(api), []);
  useEffect(() => () => void hold.want(null), []);
  return hold;
}

/** Hold what the form wants, as soon as the page is not old. At once, before it is painted: whoever sends the form in the
    same moment finds the hold under way, and does not book beside it. */
export function useHoldRequest(hold: TableHold, request: HoldRequest | null, isOld: boolean): void {
  useLayoutEffect(() => hold.follow(request, isOld), [request && JSON.stringify(request), isOld]);
}

interface Props {
  hold: TableHold;
  /** What is wanted now; null: nothing that could be held. */
  request: HoldRequest | null;
  words: Words["hold"];
  /** The tables that are held, as people call them; "": they are not told. */
  name: (tables: number[]) => string;
  countdown: (ms: number) => string;
  problemText: (problem: Problem) => string;
  /** The clock that ticks: with it the line is drawn anew. */
  now: number;
}

const LAST_MS = 60_000;

/** What is said once to who listens, in the place of a countdown. */
function spoken(state: HoldState, w: Words["hold"]): string {
  if (state.phase === "over") return w.over;
  if (state.phase !== "held") return "";
  return state.held.leftMs() <= LAST_MS ? w.lastMinute : state.held.isLonger ? w.isLonger : w.isKept;
}

export function HoldLine({ hold, request, words: w, name, countdown, problemText, now }: Props) {
  useEffect(() => hold.tick(), [now]);
  const state = hold.state.value;
  const isHeld = state.phase === "held";
  const isOver = state.phase === "over" && request !== null;
  const trouble = state.phase === "refused" ? state.problem : isHeld ? state.trouble : null;
  return (
    <div class="hold" data-phase={state.phase}>
      {isHeld && (
        <p role="timer" aria-live="off">
          {w.kept(name(state.held.tables), countdown(state.held.leftMs()))}
        </p>
      )}
      {isOver && <p>{w.over}</p>}
      {(isHeld || isOver || state.phase === "asking") && (
        <Act
          off={state.phase === "asking" || (isHeld && state.held.isLonger)}
          onClick={() => {
            if (isHeld) void hold.extend();
            else void hold.want(request);
          }}
        >
          {isOver ? w.again : state.phase === "held" && state.held.isLonger ? w.wasLonger : w.longer}
        </Act>
      )}
      <p role="status" class={trouble ? "notice" : "unseen"}>
        {trouble ? `${isHeld ? "" : `${w.not} `}${problemText(trouble)}` : spoken(state, w)}
      </p>
    </div>
  );
}
