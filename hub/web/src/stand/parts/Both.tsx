// Somebody else was first: what the person saw, and what it is now.
import { useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../store/app.ts";

interface Props {
  /** One line each of what can be told apart; empty ones are left out. */
  seen: string[];
  current: string[];
  again: () => void;
  leave: () => void;
}

export function Both({ seen, current, again, leave }: Props) {
  const w = words.value;
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => element.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <div class="problem" role="alert" ref={element}>
      <b>{w.card.bothTitle}</b>
      <div class="pair">
        {[[w.card.youSaw, seen] as const, [w.card.now, current] as const].map(([title, lines]) => (
          <div key={title}>
            <b>{title}</b>
            <ul>
              {lines.filter(Boolean).map((line) => (
                <li key={line}>
                  <bdi>{line}</bdi>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      <div class="acts">
        <button type="button" onClick={again}>
          {w.card.again}
        </button>
        <button type="button" onClick={leave}>
          {w.card.leave}
        </button>
      </div>
    </div>
  );
}
