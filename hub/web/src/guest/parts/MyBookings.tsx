// One's own bookings as the channel tells them: whoever changes one, it shows here at once.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Act, CarefulAct } from "../../lib/page/Act.tsx";
import { useAttempt } from "../../lib/page/attempt.ts";
import { Contact } from "../../lib/page/Contact.tsx";
import { api, formats, isOld, zone } from "../../lib/page/state.ts";
import { TroubleBox } from "../../lib/page/TroubleBox.tsx";
import { wallOf } from "../../lib/time/zone.ts";
import { bookingText, isLate, mine, type OwnBooking, tablesText, untilOf, whenText, words } from "../store/store.ts";
import { ChangeDialog } from "./ChangeDialog.tsx";

const MAY_CHANGE = new Set(["booked"]);

/** Until when it can be changed, or that it can't be any more. */
function untilText(booking: OwnBooking): string {
  const until = untilOf(booking);
  if (until === null) return "";
  if (isLate(booking)) return words.value.tooLate;
  const { date } = wallOf(zone.value, until);
  const time = formats.value.time(until);
  return words.value.until(booking.start_at.startsWith(date) ? time : `${formats.value.day(date)}, ${time}`);
}

/** What was said of it. */
const saidText = ({ occasion, needs, note }: OwnBooking): string =>
  [occasion, ...needs.map((need) => words.value.needNames[need] ?? need), note].filter(Boolean).join(" · ");

export function MyBookings() {
  const w = words.value;
  const said = useSignal("");
  const changing = useSignal<OwnBooking | null>(null);
  const attempt = useAttempt();
  const heading = useRef<HTMLHeadingElement>(null);

  const isAnyLate = mine.value?.some((booking) => MAY_CHANGE.has(booking.status) && isLate(booking));

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
              <small>
                {w.status[booking.status] ?? booking.status} · {booking.reference}
              </small>
              {saidText(booking) && (
                <small>
                  <bdi>{saidText(booking)}</bdi>
                </small>
              )}
              {booking.pinned && <small>{w.pinned}</small>}
              {MAY_CHANGE.has(booking.status) && <small>{untilText(booking)}</small>}
            </span>
            {MAY_CHANGE.has(booking.status) && !(isLate(booking) && booking.guests === 1) && (
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
                {!isLate(booking) && (
                  <CarefulAct
                    off={isOld.value || attempt.busy.value}
                    question={w.reallyCancel}
                    label={w.cancelLabel(bookingText(booking))}
                    act={() => cancel(booking)}
                  >
                    {w.cancelBooking}
                  </CarefulAct>
                )}
              </span>
            )}
          </li>
        ))}
      </ul>
      {isAnyLate && <Contact />}
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
