// The line of last changes, each with the way back where there is one; and what is said to who does not look.
import { useState } from "preact/hooks";
import { formats, now, spoken, words } from "../store/app.ts";
import { byWhom, changes, type NotedChange } from "../store/changes.ts";
import { date, dayOf, mayWrite } from "../store/days.ts";
import { changeText } from "../store/sentences.ts";
import { busy, mayTakeBack, takeBack } from "../store/writes.ts";
import { Trouble } from "./Trouble.tsx";

const IN_LINE = 3;

export function Feed() {
  const [isOpen, setOpen] = useState(false);
  const w = words.value;
  const mine = changes.value.filter((each) => each.date === date.value);
  return (
    <footer class="feed">
      <h2 class="unseen">{w.changes.title}</h2>
      {mine.length === 0 ? (
        <p class="feed-empty">{w.changes.none}</p>
      ) : (
        <>
          <button
            type="button"
            class="quiet icon"
            aria-expanded={isOpen}
            aria-label={w.changes.title}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? "▾" : "▴"}
          </button>
          <ol class={isOpen ? "feed-list is-open" : "feed-list"}>
            {mine.slice(0, isOpen ? mine.length : IN_LINE).map((change) => (
              <Line key={change.key} change={change} />
            ))}
          </ol>
        </>
      )}
      <div class="unseen" role="log" aria-live="polite" aria-relevant="additions">
        {spoken.value.map(({ id, text }) => (
          <p key={id}>{text}</p>
        ))}
      </div>
    </footer>
  );
}

function Line({ change }: { change: NotedChange }) {
  const w = words.value;
  const floor = dayOf(change.date).floor.value;
  const by = byWhom(change);
  const text = changeText(change);
  const place = `change-${change.key}`;
  return (
    <li>
      <small>{formats.value.time(change.at)}</small> <span>{by === null ? text : w.changes.by(by, text)}</span>
      {mayWrite.value && mayTakeBack(change, floor, now.value) && (
        <button
          type="button"
          class="small"
          disabled={busy.value.has(place)}
          aria-label={w.actOn(w.undo, text)}
          onClick={() => void takeBack(change, floor)}
        >
          {w.undo}
        </button>
      )}
      <Trouble place={place} />
    </li>
  );
}
