// The guest's page: book a table, and one's own bookings. Visitors see which times are free, and log in to book one.
import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { WireAnswer } from "../../lib/api/wire.ts";
import { Frame } from "../../lib/page/Frame.tsx";
import { LogInDialog } from "../../lib/page/LogIn.tsx";
import { prefix } from "../../lib/page/place.ts";
import { logIn, register } from "../../lib/page/session.ts";
import { account, api, mayManage, mayStand } from "../../lib/page/state.ts";
import { NOTHING_SAID, type Said } from "../model/said.ts";
import { mine, tablesText, whenText, words } from "../store/store.ts";
import { BookForm, type BookingRequest, type How } from "./BookForm.tsx";
import { MyBookings } from "./MyBookings.tsx";
import { Place } from "./Place.tsx";

export function App() {
  const w = words.value;
  /** What a visitor has chosen who is asked to log in; "": nothing yet. Null: nobody is asked. */
  const asked = useSignal<string | null>(null);
  const toLogIn = () => {
    asked.value = "";
  };
  const links = [
    ...(mayStand.value ? [{ href: `${prefix}/stand`, text: w.toStand }] : []),
    ...(mayManage.value ? [{ href: `${prefix}/admin`, text: w.toAdmin }] : []),
  ];
  return (
    <Frame title={w.title} links={links} toLogIn={toLogIn}>
      <Place />
      <div class="guest">
        <Book asked={asked} />
        {account.value ? (
          <MyBookings />
        ) : (
          <section class="card" aria-labelledby="mine-title">
            <h2 id="mine-title">{w.mine}</h2>
            <p>{w.mineByLogIn}</p>
            <div class="acts">
              <button type="button" onClick={toLogIn}>
                {w.logIn}
              </button>
            </div>
          </section>
        )}
      </div>
    </Frame>
  );
}

function Book({ asked }: { asked: Signal<string | null> }) {
  const w = words.value;
  const told = useSignal("");
  /** The booking that was told of, until it is another one or gone. */
  const made = useRef<{ id: number; revision: number; isSeen: boolean } | null>(null);
  const said = useSignal<Said>(NOTHING_SAID);
  useSignalEffect(() => {
    const booked = made.current;
    const shown = mine.value?.find(({ id }) => id === booked?.id);
    if (!booked || (!shown && !booked.isSeen)) return;
    booked.isSeen = true;
    if (shown?.revision === booked.revision) return;
    made.current = null;
    told.value = "";
  });
  const send = ({ table_id, ...request }: BookingRequest, key: string, { hold }: How) => {
    told.value = "";
    made.current = null;
    return api.write<WireAnswer>("POST", "/bookings", {
      key,
      body: hold ? { ...request, hold } : { ...request, table_id },
    });
  };
  const entered = async (entering: Promise<void>) => {
    await entering;
    if (account.value && asked.value) told.value = w.nowBook;
    asked.value = null;
  };
  return (
    <section id="book" class="card" aria-labelledby="book-title">
      <h2 id="book-title">{w.bookHead}</h2>
      <BookForm
        date=""
        guests={2}
        start={null}
        table={null}
        said={said}
        saidBefore={NOTHING_SAID}
        submitText={w.book}
        toLogIn={(chosen) => {
          asked.value = chosen;
        }}
        send={send}
        done={(booking) => {
          said.value = NOTHING_SAID;
          const { id, revision } = booking;
          made.current = { id, revision, isSeen: mine.value?.some((each) => each.id === id) ?? false };
          told.value = w.booked(whenText(booking), tablesText(booking), booking.reference);
        }}
      />
      <p class="said" role="status">
        {told.value}
      </p>
      {asked.value !== null && !account.value && (
        <LogInDialog
          note={asked.value && w.toBook(asked.value)}
          logIn={(...who) => entered(logIn(...who))}
          register={(who) => entered(register(who))}
          close={() => {
            asked.value = null;
          }}
        />
      )}
    </section>
  );
}
