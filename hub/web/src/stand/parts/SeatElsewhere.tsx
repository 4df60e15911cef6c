// Their table is not free: which others are, beside the refusal that says so.
import type { Booking } from "../model/types.ts";
import { words } from "../store/app.ts";
import { seatsForBooking } from "../store/seats.ts";
import { act, busy, troubles } from "../store/writes.ts";
import { Seats } from "./Seats.tsx";

const SHOWN = 3;
const NOT_FREE = new Set(["slot_taken", "table_too_small"]);

export function SeatElsewhere({ booking, place }: { booking: Booking; place: string }) {
  const code = troubles.value.get(place)?.problem.code ?? "";
  if (!NOT_FREE.has(code) || booking.status === "seated") return null;
  const seats = seatsForBooking(booking).slice(0, SHOWN);
  if (seats.length === 0) return <span>{words.value.forms.noOther}</span>;
  return (
    <Seats
      seats={seats}
      isBusy={busy.value.has(place)}
      seat={({ tables, until }) => {
        // What ends before their booked time is theirs only if that is said.
        const short = until !== null && until < booking.end;
        void act(booking, "seat", { table_ids: tables, ...(short && { short }) }, place);
      }}
    />
  );
}
