// Another time, number of guests or table for a booking, and what is said of it. Only what was changed is sent, with the
// revision that was seen; what somebody else changes meanwhile is said here, and can be gone on from. What was typed stays.
import { type Signal, useSignal } from "@preact/signals";
import type { WireAnswer } from "../../lib/api/wire.ts";
import { Contact } from "../../lib/page/Contact.tsx";
import { api, zone } from "../../lib/page/state.ts";
import { startBody } from "../../lib/time/shifts.ts";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { type Said, saidOf, saidOver } from "../model/said.ts";
import { bookingText, isLate, mine, type OwnBooking, room, tablesText, whenText, words } from "../store/store.ts";
import { BookForm, type BookingRequest, type How } from "./BookForm.tsx";

interface Props {
  booking: OwnBooking;
  /** `text`: what was done. */
  close: (text: string) => void;
}

export function ChangeDialog({ booking, close }: Props) {
  const w = words.value;
  const seen = useSignal(booking);
  const said = useSignal(saidOf(booking));
  const present = mine.value?.find(({ id }) => id === booking.id) ?? null;
  const isMoved = present !== null && present.revision !== seen.value.revision;
  return (
    <Dialog title={w.changeHead} closeText={w.close} close={() => close("")}>
      <div class="form">
        <p>{bookingText(seen.value)}</p>
        {seen.value.pinned && <p class="notice">{w.pinnedHelp}</p>}
        <div role="status">
          {isLate(seen.value) && (
            <div class="notice">
              <p>
                {w.tooLate} {w.fewerStill}
              </p>
              <Contact />
            </div>
          )}
        </div>
        <div role="alert">
          {isMoved && (
            <div class="notice">
              <p>{w.movedMeanwhile(bookingText(present))}</p>
              <button
                type="button"
                onClick={() => {
                  said.value = saidOver(saidOf(seen.value), said.value, saidOf(present));
                  seen.value = present;
                }}
              >
                {w.takeNew}
              </button>
            </div>
          )}
          {present === null && <p class="notice">{w.goneMeanwhile}</p>}
        </div>
        {present && <Form key={seen.value.revision} booking={seen.value} said={said} close={close} />}
      </div>
    </Dialog>
  );
}

function Form({ booking, said, close }: Props & { said: Signal<Said> }) {
  const w = words.value;
  const [start, end] = [Date.parse(booking.start_at), Date.parse(booking.end_at)];
  // Tables that are pushed together can't be chosen one by one: the booking keeps them, unless another one is asked for.
  const isThere = room.value.tables.some(({ id }) => id === booking.table.id);
  const table = booking.tables.length === 1 && isThere ? booking.table.id : null;
  const before: BookingRequest = { ...startBody(zone.value, start), guests: booking.guests, table_id: table };

  async function send(request: BookingRequest, key: string, { isAnywhere }: How): Promise<WireAnswer | null> {
    const differing = Object.entries(request).filter(([name, value]) => value !== before[name as keyof BookingRequest]);
    const body = { ...Object.fromEntries(differing), ...(isAnywhere && { table_id: null }) };
    if (Object.keys(body).length === 0) return null;
    return api.write<WireAnswer>("PATCH", `/bookings/${booking.id}`, { key, revision: booking.revision, body });
  }

  return (
    <BookForm
      date={booking.service_date}
      guests={booking.guests}
      start={start}
      table={table}
      own={{ start, end, guests: booking.guests, tables: booking.tables.map(({ id }) => id), isPinned: booking.pinned }}
      said={said}
      saidBefore={saidOf(booking)}
      isLate={isLate(booking)}
      submitText={w.saveChange}
      send={send}
      done={(answer) => close(answer ? w.changed(whenText(answer), tablesText(answer)) : "")}
    />
  );
}
