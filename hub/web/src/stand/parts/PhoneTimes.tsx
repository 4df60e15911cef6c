// When a caller could come: the starts of a day, and what the hub offers instead of one that was taken meanwhile.
import { useEffect, useRef } from "preact/hooks";
import type { Offer } from "../model/free.ts";
import { formats, words } from "../store/app.ts";
import { troubles } from "../store/writes.ts";

interface TimesProps {
  offers: Offer[];
  chosen: number | null;
  pick: (at: number) => void;
  isKnown: boolean;
}

export function Times({ offers, chosen, pick, isKnown }: TimesProps) {
  const w = words.value;
  const f = formats.value;
  const list = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen, isKnown]);
  if (!isKnown) return <p role="status">{w.loading}</p>;
  return (
    <fieldset class="numbers" ref={list}>
      <legend>{w.forms.freeTimes}</legend>
      {offers.every(({ unit, isHeld }) => unit === null && !isHeld) && <p role="status">{w.forms.noTimes}</p>}
      <div class="chips times">
        {offers.map(({ start, unit, isHeld }) => (
          <button
            type="button"
            key={start}
            aria-pressed={chosen === start}
            disabled={unit === null && !isHeld}
            title={unit?.name}
            onClick={() => pick(start)}
          >
            {f.time(start)}
            {isHeld && <small> {w.phase.hold}</small>}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

/** What the hub offers instead of what was taken meanwhile. */
export function Alternatives({ place, pick }: { place: string; pick: (at: number) => void }) {
  const w = words.value;
  const offered = troubles.value.get(place)?.problem.body.alternatives ?? [];
  if (offered.length === 0) return null;
  return (
    <div class="chips">
      <span>{w.forms.instead}</span>
      {offered.map((other) => {
        const start = Date.parse(other.start_at);
        return (
          <button type="button" key={`${start} ${other.table.id}`} onClick={() => pick(start)}>
            {formats.value.time(start)} <bdi>{other.table.name}</bdi>
          </button>
        );
      })}
    </div>
  );
}
