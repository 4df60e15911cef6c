// Who waits, the first on top, each with what is done with one touch; and more of one party, when it is asked for.
import { useState } from "preact/hooks";
import { Name } from "../../lib/ui/Name.tsx";
import { isolate } from "../../lib/ui/text.ts";
import type { Seat } from "../model/free.ts";
import type { Waiting } from "../model/types.ts";
import { now, words } from "../store/app.ts";
import { mayWrite, room } from "../store/days.ts";
import { seatsForWaiting } from "../store/seats.ts";
import { nameOf, shownName } from "../store/sentences.ts";
import { seatWaiting } from "../store/turns.ts";
import { openWait } from "../store/windows.ts";
import { actWaiting, busy, type WaitVerb, waitPlace } from "../store/writes.ts";
import { GuestMarks } from "./Marks.tsx";
import { Seats, seatNote } from "./Seats.tsx";
import { WaitMore } from "./WaitMore.tsx";
import { WaitTrouble } from "./WaitTrouble.tsx";

export function WaitList({ entries }: { entries: Waiting[] }) {
  if (entries.length === 0) return <p class="empty">{words.value.noWait}</p>;
  return (
    <ol class="entries">
      {entries.map((entry, index) => (
        <WaitEntry key={entry.id} entry={entry} before={entries[index - 1]} after={entries[index + 1]} />
      ))}
    </ol>
  );
}

/** "Seat", or "Seat until 20:15" where the best is free for no longer. */
function seatLabel(best: Seat): string {
  const { seat } = words.value.acts;
  return best.until === null ? seat : `${seat} ${seatNote(best)}`;
}

const minutesOf = (ms: number): number => Math.max(0, Math.round(ms / 60_000));

interface EntryProps {
  entry: Waiting;
  before: Waiting | undefined;
  after: Waiting | undefined;
}

function WaitEntry({ entry, before, after }: EntryProps) {
  const isOpen = openWait.value === entry.id;
  const w = words.value;
  const at = now.value;
  const over = entry.promisedUntil !== null && at > entry.promisedUntil ? minutesOf(at - entry.promisedUntil) : 0;
  const quoted =
    entry.quotedFrom !== null && entry.quotedUntil !== null
      ? w.quote.quoted(minutesOf(Math.max(0, entry.quotedFrom - at)), minutesOf(Math.max(0, entry.quotedUntil - at)))
      : "";
  const state = entry.status === "ready" ? w.quote.ready : entry.status === "here" ? w.quote.here : "";
  const area = entry.areaId === null ? undefined : room.value.areas.get(entry.areaId);
  const only = area ? w.quote.only(isolate(area.name)) : "";
  const text = [state, only, quoted, w.quote.waits(w.duration(minutesOf(at - entry.joined)))]
    .filter(Boolean)
    .join(" · ");
  const { best, all } = seatsForWaiting(entry);
  const [isChoosing, setChoosing] = useState(false);
  const others = all.filter((each) => each !== best);
  const verbs: [WaitVerb, string][] = [["leave", w.acts.leave]];
  if (entry.status !== "here") verbs.unshift(["here", w.acts.here]);
  if (entry.status === "waiting") verbs.unshift(["ready", w.acts.ready]);
  const button = (verb: WaitVerb, label: string, act = () => actWaiting(entry, verb)) => (
    <button
      type="button"
      key={verb}
      class={verb === "seat" ? "primary" : ""}
      disabled={!mayWrite.value || busy.value.has(waitPlace(entry))}
      aria-label={w.actOn(label, nameOf(entry.name))}
      onClick={() => void act()}
    >
      {label}
    </button>
  );
  return (
    <li class="entry" data-phase={over > 0 ? "late" : entry.status}>
      <div class="entry-what">
        <span class="entry-mark" aria-hidden="true" />
        <span class="entry-time">{entry.place}.</span>
        <span class="entry-name">
          <Name text={shownName(entry.name)} />
        </span>
        <span class="entry-guests">
          <span aria-hidden="true">{entry.guests}</span>
          <span class="unseen">{w.guests(entry.guests)}</span>
        </span>
        <span class="entry-table">{best ? best.name : ""}</span>
        <span class="entry-more">
          {text}
          {over > 0 && ` · ${w.quote.over(w.duration(over))}`}
          <GuestMarks of={entry} />
        </span>
      </div>
      <div class="wait-acts">
        <div class="acts">
          {best && button("seat", seatLabel(best), () => seatWaiting(entry, best.tables))}
          {others.length > 0 && (
            <button
              type="button"
              aria-expanded={isChoosing}
              aria-label={w.actOn(w.acts.another, nameOf(entry.name))}
              onClick={() => setChoosing(!isChoosing)}
            >
              {w.acts.another}
            </button>
          )}
          {verbs.map(([verb, label]) => button(verb, label))}
        </div>
        <button
          type="button"
          class="quiet"
          aria-expanded={isOpen}
          aria-label={w.actOn(w.quote.more, nameOf(entry.name))}
          onClick={() => (openWait.value = isOpen ? null : entry.id)}
        >
          ⋯
        </button>
      </div>
      {isChoosing && (
        <Seats
          seats={others}
          isBusy={busy.value.has(waitPlace(entry))}
          seat={({ tables }) => void seatWaiting(entry, tables)}
        />
      )}
      <WaitTrouble entry={entry} />
      {isOpen && <WaitMore entry={entry} before={before} after={after} />}
    </li>
  );
}
