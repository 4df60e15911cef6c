// Their table is not free: which others are, beside the refusal that says so; where none is large enough, smaller ones,
// for a reason.
import { isolate } from "../../lib/ui/text.ts";
import type { Seat } from "../model/free.ts";
import type { Booking } from "../model/types.ts";
import { words } from "../store/app.ts";
import { mayWrite } from "../store/days.ts";
import { seatsForBooking, tightForBooking } from "../store/seats.ts";
import { askToSeat } from "../store/tight.ts";
import { act, busy, troubles } from "../store/writes.ts";
import { Seats, seatNote } from "./Seats.tsx";

const SHOWN = 3;
const NOT_FREE = new Set(["slot_taken", "table_too_small"]);

/** What ends before their booked time is theirs only if that is said. */
const isShort = ({ until }: Seat, booking: Booking): boolean => until !== null && until < booking.end;

export function SeatElsewhere({ booking, place }: { booking: Booking; place: string }) {
  const code = troubles.value.get(place)?.problem.code ?? "";
  if (!NOT_FREE.has(code) || booking.status === "seated") return null;
  const seats = seatsForBooking(booking).slice(0, SHOWN);
  const isBusy = busy.value.has(place);
  if (seats.length === 0) return <Tight booking={booking} isBusy={isBusy} />;
  return (
    <Seats
      seats={seats}
      isBusy={isBusy}
      seat={(seat) => {
        const short = isShort(seat, booking);
        void act(booking, "seat", { table_ids: seat.tables, ...(short && { short }) }, place);
      }}
    />
  );
}

function Tight({ booking, isBusy }: { booking: Booking; isBusy: boolean }) {
  const w = words.value;
  const seats = tightForBooking(booking).slice(0, SHOWN);
  return (
    <>
      <span>{w.forms.noOther}</span>
      {seats.length > 0 && (
        <ul class="choices">
          {seats.map((seat) => (
            <li key={seat.name}>
              <button
                type="button"
                disabled={!mayWrite.value || isBusy}
                onClick={() => askToSeat(booking, seat, isShort(seat, booking))}
              >
                {w.forms.seatAt(isolate(seat.name))}{" "}
                <small>{[w.move.short(booking.guests - seat.seats), seatNote(seat)].filter(Boolean).join(" · ")}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
