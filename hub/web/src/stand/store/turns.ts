// Seating who waits, in their turn or not: what the hub asks first, and for how long that question holds.
import type { Problem } from "../../lib/api/problem.ts";
import { sameTables, type Waiting } from "../model/types.ts";
import { floor } from "./days.ts";
import { seatsForWaiting } from "./seats.ts";
import { actWaiting } from "./writes.ts";

/** By party: the tables at which they were to be seated last. */
const askedTables = new Map<number, number[]>();
export const tablesAsked = ({ id }: Waiting): number[] => askedTables.get(id) ?? [];

/** Where that passes somebody over who waits before them, the hub says so first: see `seatAnyway`. */
export function seatWaiting(entry: Waiting, tables: number[], done?: () => void): Promise<void> {
  askedTables.set(entry.id, tables);
  const about = (problem: Problem) =>
    problem.code === "passed_over" ? () => turnOf(entry.id, tables, problem.body) : null;
  return actWaiting(entry, "seat", { table_ids: tables, in_turn: true }, done, about);
}

/** The same at the same tables, whoever is passed over. */
export const seatAnyway = (entry: Waiting, done?: () => void): Promise<void> =>
  actWaiting(entry, "seat", { table_ids: tablesAsked(entry) }, done);

/** What the question is about: what is offered to them, whether they could still sit where they were to, and whether
 * who was named still waits before them and could sit where the hub said. */
function turnOf(id: number, tables: number[], { waitlist_id, tables: theirs }: Problem["body"]): string {
  const list = floor.value.waitlist;
  const [entry, ahead] = [list.get(id), list.get(waitlist_id ?? 0)];
  const couldSit = (who: Waiting | undefined, at: number[]) =>
    who !== undefined && seatsForWaiting(who).all.some((seat) => sameTables(seat.tables, at));
  return JSON.stringify([
    entry && seatsForWaiting(entry).best?.tables,
    couldSit(entry, tables),
    entry && ahead && ahead.place < entry.place,
    couldSit(ahead, theirs ?? []),
  ]);
}
