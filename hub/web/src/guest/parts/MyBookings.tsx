// One's own bookings as the channel tells them: whoever changes one, it shows here at once.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Act, CarefulAct } from "../../lib/page/Act.tsx";
import { useAttempt } from "../../lib/page/attempt.ts";
import { api, isOld } from "../../lib/page/state.ts";
import { TroubleBox } from "../../lib/page/TroubleBox.tsx";
import { bookingText, mine, type OwnBooking, tablesText, whenText, words } from "../store/store.ts";
import { ChangeDialog } from "./ChangeDialog.tsx";

const MAY_CHANGE = new Set(["booked"]);

export function MyBookings() {
  const w = words.value;
  const said = useSignal("");
  const changing = useSignal<OwnBooking | null>(null);
  const attempt = useAttempt();
  const heading = useRef<HTMLHeadingElement>(null);

  function cancel(booking: OwnBooking): void {
    const what = bookingText(booking);
    void attempt.run(
      (key) => api.write("DELETE", `/bookings/${booking.id}`, { key, revision: booking.revision }),
      () => {
        said.value = w.canceled(what);
        heading.current?.focus(); // its own button goes away with it
      },
    );
  }

  return (
    <section class="card aging" aria-labelledby="mine-title">
      <h2 id="mine-title" ref={heading} tabIndex={-1}>
        {w.mine}
      </h2>
      <p id="mine-said" class="said" role="status">
        {said.value}
      </p>
      <TroubleBox attempt={attempt} />
      {mine.value === null && <p>{w.loading}</p>}
      {mine.value?.length === 0 && <p id="mine-empty">{w.noMine}</p>}
      <ul id="mine-list" class="lines">
        {(mine.value ?? []).map((booking) => (
          <li key={booking.id} data-status={booking.status}>
            <span class="what">
              <b>{whenText(booking)}</b>
              <span>
                {w.atTable} {tablesText(booking)} · {w.guests(booking.guests)}
              </span>
              <small>{w.status[booking.status] ?? booking.status}</small>
            </span>
            {MAY_CHANGE.has(booking.status) && (
              <span class="acts">
                <Act
                  off={isOld.value}
                  aria-label={w.changeLabel(bookingText(booking))}
                  onClick={() => {
                    said.value = "";
                    changing.value = booking;
                  }}
                >
                  {w.change}
                </Act>
                <CarefulAct
                  off={isOld.value || attempt.busy.value}
                  question={w.reallyCancel}
                  label={w.cancelLabel(bookingText(booking))}
                  act={() => cancel(booking)}
                >
                  {w.cancelBooking}
                </CarefulAct>
              </span>
            )}
          </li>
        ))}
      </ul>
      {changing.value && (
        <ChangeDialog
          booking={changing.value}
          close={(text) => {
            changing.value = null;
            if (text) said.value = text;
          }}
        />
      )}
    </section>
  );
}
