// Who else has the card open, and who changed its booking last; of one that nobody changed yet, who made it.
import type { Booking } from "../model/types.ts";
import { now, words } from "../store/app.ts";
import { byWhom, lastOf, type NotedChange } from "../store/changes.ts";
import { namesAt } from "../store/presence.ts";

export function CardChanged({ booking }: { booking: Booking }) {
  const others = namesAt(booking.id);
  const last = lastOf.value.get(booking.id);
  return (
    <>
      {others.length > 0 && <p class="card-note">{words.value.card.openBy(others.join(", "))}</p>}
      {last && <Last change={last} />}
    </>
  );
}

function Last({ change }: { change: NotedChange }) {
  const { card, ago } = words.value;
  const by = byWhom(change);
  const long = ago(Math.max(0, Math.floor((now.value - change.at) / 1000)));
  const isNew = change.booking?.revision === 1; // and not brought back
  if (isNew && change.kind === "walked_in") return <p class="card-note">{card.seated(by, long)}</p>;
  if (isNew && change.kind === "booked") return <p class="card-note">{card.booked(by, long)}</p>;
  return <p class="card-note is-news">{by === null ? card.changed(long) : card.changedBy(by, long)}</p>;
}
