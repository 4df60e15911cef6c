// A booking that is not on the day that is shown: it is canceled, or on another day. The hub says which, and for how
// long that can be taken back.
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../lib/api/problem.ts";
import type { WireAnswer } from "../../lib/api/wire.ts";
import { isolate } from "../../lib/ui/text.ts";
import { mayUndo } from "../model/phase.ts";
import { readAnswer } from "../model/read.ts";
import { api, formats, now, words } from "../store/app.ts";
import { goTo, isLoaded, mayWrite } from "../store/days.ts";
import { undoText } from "../store/sentences.ts";
import { act, busy } from "../store/writes.ts";
import { Trouble } from "./Trouble.tsx";

/** What the hub says of it, once it is missed. */
export function useElsewhere(id: number, isMissed: boolean): WireAnswer | null {
  const [told, setTold] = useState<WireAnswer | null>(null);
  useEffect(() => {
    setTold(null);
    if (!isMissed) return;
    let isCurrent = true;
    api.get<WireAnswer>(`/bookings/${id}`).then(
      (answer) => isCurrent && setTold(answer),
      (problem) => {
        if (!(problem instanceof Problem)) throw problem;
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [id, isMissed]);
  return told;
}

export function CardElsewhere({ told }: { told: WireAnswer | null }) {
  const w = words.value;
  if (!told)
    return (
      <p class={isLoaded.value ? "problem" : "card-note"} role="status">
        {isLoaded.value ? w.card.gone : w.loading}
      </p>
    );
  const isCanceled = told.status === "canceled";
  const booking = readAnswer(told);
  const place = `card-${told.id}`;
  return (
    <>
      <p class={isCanceled ? "problem" : "card-note is-news"} role="status">
        {isCanceled ? w.card.canceled : w.card.onDay(isolate(dayText(told)))}
      </p>
      <div class="acts">
        {!isCanceled && (
          <button type="button" class="primary" onClick={() => goTo(told.service_date)}>
            {w.card.showDay}
          </button>
        )}
        {mayUndo(booking, now.value) && (
          <button
            type="button"
            disabled={!mayWrite.value || busy.value.has(place)}
            onClick={() => void act(booking, "undo", {}, place)}
          >
            {undoText(booking)}
          </button>
        )}
      </div>
      <Trouble place={place} />
    </>
  );
}

export const dayText = (told: WireAnswer): string =>
  `${formats.value.day(told.service_date)}, ${formats.value.time(Date.parse(told.start_at))}`;
