// A refusal of a change of the floor, with the rule that it would break.
import type { Attempt } from "../../lib/page/attempt.ts";
import { TroubleBox } from "../../lib/page/TroubleBox.tsx";
import { isolate } from "../../lib/ui/text.ts";
import { words } from "../store/words.ts";

interface Props {
  attempt: Pick<Attempt, "trouble">;
  /** The same change, with fewer guests for the combination that it breaks, where that is possible. */
  clamp?: (() => void) | undefined;
}

export function FloorTrouble({ attempt, clamp }: Props) {
  const w = words.value;
  const { rule, combination, clamped_to } = attempt.trouble.value?.problem.body ?? {};
  const broken = typeof rule === "string" ? w.rules[rule] : undefined;
  const other = (combination as { name: string } | undefined)?.name;
  return (
    <TroubleBox attempt={attempt}>
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
