// A refusal of a change of the floor, with the rule that it would break.
import type { Attempt } from "../../lib/page/attempt.ts";
import { TroubleBox } from "../../lib/page/TroubleBox.tsx";
import { isolate } from "../../lib/ui/text.ts";
import { words } from "../store/words.ts";

export function FloorTrouble({ attempt }: { attempt: Pick<Attempt, "trouble"> }) {
  const w = words.value;
  const { rule, combination } = attempt.trouble.value?.problem.body ?? {};
  const broken = typeof rule === "string" ? w.rules[rule] : undefined;
  const other = (combination as { name: string } | undefined)?.name;
  return (
    <TroubleBox attempt={attempt}>
      {broken && <p>{broken}</p>}
      {other && <p>{w.breaksOther(isolate(other))}</p>}
    </TroubleBox>
  );
}
