// The guest's page: book a table, and one's own bookings.
import { useSignal } from "@preact/signals";
import type { WireAnswer } from "../../lib/api/wire.ts";
import { Frame } from "../../lib/page/Frame.tsx";
import { prefix } from "../../lib/page/place.ts";
import { api, mayManage, mayStand } from "../../lib/page/state.ts";
import { tablesText, whenText, words } from "../store/store.ts";
import { BookForm, type BookingRequest, type How } from "./BookForm.tsx";
import { MyBookings } from "./MyBookings.tsx";

export function App() {
  const w = words.value;
  const links = [
    ...(mayStand.value ? [{ href: `${prefix}/stand`, text: w.toStand }] : []),
    ...(mayManage.value ? [{ href: `${prefix}/admin`, text: w.toAdmin }] : []),
  ];
  return (
    <Frame title={w.title} links={links}>
      <div class="guest">
        <Book />
        <MyBookings />
      </div>
    </Frame>
  );
}

function Book() {
  const w = words.value;
  const said = useSignal("");
  const send = ({ table_id, ...request }: BookingRequest, key: string, { hold }: How) => {
    said.value = "";
    return api.write<WireAnswer>("POST", "/bookings", {
      key,
      body: hold ? { ...request, hold } : { ...request, table_id },
    });
  };
  return (
    <section id="book" class="card" aria-labelledby="book-title">
      <h2 id="book-title">{w.bookHead}</h2>
      <BookForm
        date=""
        guests={2}
        start={null}
        table={null}
        submitText={w.book}
        send={send}
        done={(booking) => {
          said.value = w.booked(whenText(booking), tablesText(booking), booking.reference);
        }}
      />
      <p class="said" role="status">
        {said.value}
      </p>
    </section>
  );
}
