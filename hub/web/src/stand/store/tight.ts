// What needs a reason before it is done, because the tables are too small for the party: the reason is asked for first.
import type { Drop } from "../model/drop.ts";
import type { Unit } from "../model/free.ts";
import type { Booking } from "../model/types.ts";
import { words } from "./app.ts";
import { tablesText } from "./sentences.ts";
import { dialog } from "./windows.ts";
import { act, drop } from "./writes.ts";

/** Does what a drop showed, or asks why first. */
export function dropOrAsk(booking: Booking, what: Drop, place: string): void {
  if (what.act !== "move" || what.short === 0) {
    void drop(booking, what, place);
    return;
  }
  dialog.value = {
    ...{ kind: "tight", booking: booking.id, at: tablesText(what.tables), short: what.short },
    ...{ place: `tight-${booking.id}`, text: words.value.forms.moveAnyway },
    again: (more) => drop(booking, what, `tight-${booking.id}`, more),
  };
}

/** Asks why they are to sit there. */
export function askToSeat(booking: Booking, { tables, seats }: Unit, short: boolean): void {
  dialog.value = {
    ...{ kind: "tight", booking: booking.id, at: tablesText(tables), short: booking.guests - seats },
    ...{ place: `tight-${booking.id}`, text: words.value.forms.seatAnyway },
    again: (more) =>
      act(booking, "seat", { table_ids: tables, ...(short && { short }), ...more }, `tight-${booking.id}`),
  };
}
