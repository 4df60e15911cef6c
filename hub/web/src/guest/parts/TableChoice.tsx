// Which table: any that fits, or one by name; those that are taken at the chosen time say so.
import { useId } from "preact/hooks";
import { isolate } from "../../lib/ui/text.ts";
import { isFree, mayHave, type Own, type Span, type Taken } from "../model/free.ts";
import { room, words } from "../store/store.ts";

interface Props {
  guests: number;
  chosen: number | null;
  taken: Taken | null;
  /** The time that is chosen. */
  span: Span | null;
  choose: (table: number | null) => void;
  /** How many seats more than the party a table may have; null: any number. */
  oversize: number | null;
  /** The booking that is to be changed. */
  own: Own | null;
}

export function TableChoice({ guests, chosen, taken, span, choose, oversize, own }: Props) {
  const w = words.value;
  const id = useId();
  const fitting = room.value.tables.filter((table) => mayHave(table, { guests, oversize, own }));
  // A table that was removed meanwhile leaves the choice to the hub again.
  const value = fitting.some((table) => table.id === chosen) ? String(chosen) : "";
  const say = (table: { id: number; name: string; seats: number }) => {
    const isTaken = span !== null && taken !== null && !isFree(taken, table.id, span);
    return [isolate(table.name), w.seats(table.seats), isTaken && w.taken].filter(Boolean).join(" · ");
  };
  return (
    <div class="field">
      <label for={id}>{w.table}</label>
      <select
        id={id}
        name="table_id"
        value={value}
        onChange={({ currentTarget }) => choose(currentTarget.value ? Number(currentTarget.value) : null)}
      >
        <option value="">{own?.isPinned ? w.sameTable : w.anyTable}</option>
        {fitting.map((table) => (
          <option key={table.id} value={table.id}>
            {say(table)}
          </option>
        ))}
      </select>
    </div>
  );
}
