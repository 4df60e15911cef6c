// Bookings of days that are not shown, which a refusal names: who they are is asked of the hub.
import { signal } from "@preact/signals";
import { Problem } from "../../lib/api/problem.ts";
import type { WireAnswer } from "../../lib/api/wire.ts";
import { api } from "./app.ts";
import { floor } from "./days.ts";

export const elsewhere = signal(new Map<number, WireAnswer>());

/** Learns who is in the way of what was refused. */
export async function learnElsewhere(problem: Problem): Promise<void> {
  const named = (problem.body.in_the_way ?? []).filter(({ what }) => what === "booking");
  const asked = named.filter(({ id }) => !floor.value.bookings.has(id));
  const found = await Promise.all(
    asked.map(({ id }) =>
      api.get<WireAnswer>(`/bookings/${id}`).catch((trouble) => {
        if (!(trouble instanceof Problem)) throw trouble;
        return null; // the refusal stands without the name
      }),
    ),
  );
  if (found.length > 0) elsewhere.value = new Map(found.flatMap((each) => (each ? [[each.id, each] as const] : [])));
}
