// A refusal of a change of the floor, with the rule that it would break, or the bookings that stand in its way.
import type { components } from "../../generated/rest.ts";
import type { Attempt } from "../../lib/page/attempt.ts";
import { formats } from "../../lib/page/state.ts";
import { TroubleBox } from "../../lib/page/TroubleBox.tsx";
import { isolate } from "../../lib/ui/text.ts";
import { words } from "../store/words.ts";

type InTheWay = components["schemas"]["BookingInTheWay"];
const NAMED = 3;

interface Props {
  attempt: Pick<Attempt, "trouble">;
  /** The same change, with fewer guests for the combination that it breaks, where that is possible. */
  clamp?: (() => void) | undefined;
}

export function FloorTrouble({ attempt, clamp }: Props) {
  const w = words.value;
  const { rule, combination, clamped_to, bookings } = attempt.trouble.value?.problem.body ?? {};
  const broken = typeof rule === "string" ? w.rules[rule] : undefined;
  const other = (combination as { name: string } | undefined)?.name;
  return (
    <TroubleBox attempt={attempt}>
      {bookings && bookings.length > 0 && <Parties bookings={bookings} />}
      {broken && <p>{broken}</p>}
      {other && <p>{w.breaksOther(isolate(other))}</p>}
      {other && clamp && typeof clamped_to === "number" && (
        <button type="button" onClick={clamp}>
          {w.clamp(isolate(other), clamped_to)}
        </button>
      )}
    </TroubleBox>
  );
}

/** Who they are, the next ones first. */
function Parties({ bookings }: { bookings: InTheWay[] }) {
  const w = words.value;
  const f = formats.value;
  const more = bookings.length - NAMED;
  return (
    <ul class="parties">
      {bookings.slice(0, NAMED).map((each) => (
        <li key={each.booking_id}>
          {w.party(
            `${f.day(each.start_at.slice(0, 10))}, ${f.time(Date.parse(each.start_at))}`,
            isolate(each.name ?? ""),
            each.guests,
          )}
        </li>
      ))}
      {more > 0 && <li>{w.moreParties(more)}</li>}
    </ul>
  );
}
