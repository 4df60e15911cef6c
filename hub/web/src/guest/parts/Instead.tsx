// What can be had instead of what was refused: other starts, each a button that books it.
import type { components } from "../../generated/rest.ts";
import type { Problem } from "../../lib/api/problem.ts";
import { formats } from "../../lib/page/state.ts";
import { words } from "../store/store.ts";

export type Alternative = components["schemas"]["Alternative"];

export function Instead({ problem, take }: { problem: Problem | null; take: (other: Alternative) => void }) {
  const w = words.value;
  const { next_valid: next, alternatives } = problem?.body ?? {};
  if (typeof next === "string") return <p>{w.nextTime(next.slice(0, 5))}</p>;
  if (!alternatives?.length) return null;
  return (
    <>
      <p>{w.instead}</p>
      <div class="chips">
        {alternatives.map((other) => {
          const at = Date.parse(other.start_at);
          return (
            <button type="button" class="alternative" key={`${at}${other.table.id}`} onClick={() => take(other)}>
              <b>{formats.value.time(at)}</b>{" "}
              {other.tables.map(({ id, name }, index) => (
                <span key={id}>
                  {index > 0 && " + "}
                  <bdi>{name}</bdi>
                </span>
              ))}{" "}
              <small>{formats.value.day(other.date)}</small>
            </button>
          );
        })}
      </div>
    </>
  );
}
