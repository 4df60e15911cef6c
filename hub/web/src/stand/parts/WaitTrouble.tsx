// A refusal of what was to be done to a party that waits. Where it would pass somebody over who waits before it, who that
// is, and the way to do it all the same.
import type { Waiting } from "../model/types.ts";
import { words } from "../store/app.ts";
import { floor, mayWrite } from "../store/days.ts";
import { nameOf, tablesText } from "../store/sentences.ts";
import { seatAnyway, tablesAsked } from "../store/turns.ts";
import { busy, troubles, waitPlace } from "../store/writes.ts";
import { Trouble } from "./Trouble.tsx";

interface Props {
  entry: Waiting;
  /** It sits now. */
  done?: () => void;
}

export function WaitTrouble({ entry, done }: Props) {
  const place = waitPlace(entry);
  const problem = troubles.value.get(place)?.problem;
  const w = words.value;
  if (problem?.code !== "passed_over") return <Trouble place={place} />;
  const ahead = floor.value.waitlist.get(problem.body.waitlist_id ?? 0);
  const theirs = problem.body.tables ?? [];
  // It may be that the last of several tables goes by it, which others before them need.
  const isTheirs = tablesAsked(entry).some((id) => theirs.includes(id));
  const text = !ahead
    ? w.problems.passed_over
    : isTheirs
      ? w.quote.aheadWaits(nameOf(ahead.name), ahead.guests, tablesText(theirs))
      : w.quote.aheadLater(nameOf(ahead.name), ahead.guests);
  return (
    <Trouble
      place={place}
      says={text}
      leave={w.cancel}
      act={
        <button
          type="button"
          disabled={!mayWrite.value || busy.value.has(place)}
          onClick={() => void seatAnyway(entry, done)}
        >
          {w.forms.seatAnyway}
        </button>
      }
    />
  );
}
