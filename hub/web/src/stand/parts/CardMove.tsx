// Where a booking could go, as a list: each table with what a move there would do. The same as a drag, for who does not drag.
import { Name } from "../../lib/ui/Name.tsx";
import { groupsOf } from "../model/bars.ts";
import type { Drop } from "../model/drop.ts";
import type { Booking } from "../model/types.ts";
import { words } from "../store/app.ts";
import { floor, mayWrite, room } from "../store/days.ts";
import { dropFor } from "../store/dragging.ts";
import { dropText, tableName } from "../store/sentences.ts";
import { dropOrAsk } from "../store/tight.ts";

interface Props {
  booking: Booking;
  /** Where a refusal is shown. */
  place: string;
  close: () => void;
  /** One table alone. */
  only?: number;
}

interface Row {
  table: number;
  what: Drop;
}

const RANK: Record<Drop["act"], number> = { move: 0, swap: 1, refused: 3, nothing: 4 };
/** What is too small comes after what would do. */
const rankOf = (what: Drop): number => (what.act === "move" && what.short > 0 ? 2 : RANK[what.act]);

export function CardMove({ booking, place, close, only }: Props) {
  const w = words.value;
  const tables = groupsOf(room.value, floor.value).flatMap((group) => group.tables.map(({ id }) => id));
  const here = { start: booking.start, onto: null, beside: null };
  const rows: Row[] = tables
    .filter((table) => (only === undefined ? !booking.tables.includes(table) : table === only))
    .map((table) => ({ table, what: dropFor(booking, { ...here, table }) }))
    .filter(({ what }) => what.act !== "nothing")
    .sort((a, b) => rankOf(a.what) - rankOf(b.what));
  return (
    <ul class="moves" aria-label={w.move.title}>
      {rows.map(({ table, what }) => (
        <li key={table}>
          <button
            type="button"
            disabled={what.act === "refused" || !mayWrite.value}
            onClick={() => {
              dropOrAsk(booking, what, place);
              close();
            }}
          >
            <b>
              <Name text={tableName(table)} />
            </b>{" "}
            <small>{only === undefined ? dropText(what) : w.card.moveThem(tableName(table))}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}
