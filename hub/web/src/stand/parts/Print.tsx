// The day on paper: by time, by table, who waits, with notes. Its foot says as of when it is true and which position it has.
// The hub makes the same of it (hub/web/print), with the same words and style; this one prints without the hub.
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { isolate } from "../../lib/ui/text.ts";
import { groupsOf } from "../model/bars.ts";
import { waiting } from "../model/lists.ts";
import { holdsTables, phaseOf, stayOf } from "../model/phase.ts";
import type { Booking, OfGuest } from "../model/types.ts";
import { formats, now, venue, words } from "../store/app.ts";
import { date, floor, live, room, shown } from "../store/days.ts";
import { learnNotes, noteSentence } from "../store/notes.ts";
import { openPaper } from "../store/paper.ts";
import { nameOf, shownName, tablesText } from "../store/sentences.ts";
import { dialog } from "../store/windows.ts";
import { busy } from "../store/writes.ts";
import { Trouble } from "./Trouble.tsx";

const PLACE = "print";

export function PrintDialog() {
  const w = words.value;
  const [since, setSince] = useState("");
  const [isBlocked, setBlocked] = useState(false);
  const close = () => (dialog.value = null);
  useEffect(learnNotes, []);
  return (
    <Dialog title={w.print} closeText={w.close} close={close}>
      <div class="form">
        <button
          type="button"
          class="primary"
          onClick={() => {
            close();
            // After the dialog is gone: a printer takes the page as it is.
            requestAnimationFrame(() => print());
          }}
        >
          {w.printed.now}
        </button>
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            setBlocked(!openPaper(PLACE, date.value, since.trim()));
          }}
        >
          <h3>{w.printed.since}</h3>
          <label class="field">
            <span>{w.printed.position}</span>
            <input
              required
              pattern="[a-z0-9]{8}:[0-9]+"
              placeholder="k3v9x0ab:17"
              value={since}
              onInput={({ currentTarget }) => setSince(currentTarget.value)}
            />
          </label>
          <button type="submit" disabled={busy.value.has(PLACE)}>
            {w.printed.compare}
          </button>
        </form>
        {isBlocked && (
          <p class="problem" role="alert">
            {w.printed.blocked}
          </p>
        )}
        <Trouble place={PLACE} />
      </div>
    </Dialog>
  );
}

const Head = ({ columns }: { columns: string[] }) => (
  <thead>
    <tr>
      {columns.map((each) => (
        <th key={each}>{each}</th>
      ))}
    </tr>
  </thead>
);

export function PrintSheet() {
  const w = words.value;
  const p = w.printed;
  const f = formats.value;
  if (!date.value) return null;
  const bookings = [...floor.value.bookings.values()]
    .filter((booking) => holdsTables(booking) || booking.status === "finished")
    .sort((a, b) => a.start - b.start || a.id - b.id);
  const isLive = live.value.state === "live";
  const waits = waiting(floor.value);
  const guests = bookings.reduce((sum, each) => sum + each.guests, 0);
  return (
    <div class="sheet paper">
      <main>
        <h1>
          <bdi>{venue.value?.name}</bdi> · {f.longDay(date.value)}
        </h1>
        <p>{p.totals(bookings.length, guests)}</p>
        <h2>{p.byTime}</h2>
        <table>
          <Head columns={[p.time, p.name, p.guests, p.table, p.phone, p.state, p.notes]} />
          <tbody>
            {bookings.map((booking) => (
              <Line key={booking.id} booking={booking} />
            ))}
            {bookings.length === 0 && (
              <tr>
                <td colSpan={7}>{p.nobody}</td>
              </tr>
            )}
          </tbody>
        </table>
        <h2>{p.byTable}</h2>
        <table>
          <tbody>
            {groupsOf(room.value, floor.value).flatMap(({ tables }) =>
              tables.map((table) => (
                <tr key={table.id}>
                  <th>
                    <bdi>{table.name}</bdi> ({table.seats})
                  </th>
                  <td>{atTable(table.id, bookings)}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
        {waits.length > 0 && (
          <>
            <h2>{p.waits}</h2>
            <table>
              <Head columns={[p.place, p.name, p.guests, p.phone, p.notes]} />
              <tbody>
                {waits.map((each) => (
                  <tr key={each.id}>
                    <td>{each.place}</td>
                    <td>
                      <bdi>{shownName(each.name)}</bdi>
                    </td>
                    <td>{each.guests}</td>
                    <td>
                      <bdi>{each.phone}</bdi>
                    </td>
                    <td>
                      <Vital of={each} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </main>
      <footer>
        {p.asOf(f.seconds(shown.value?.knownAt ?? now.value), shown.value?.position ?? "")}
        {!isLive && ` ${p.old}`}
      </footer>
    </div>
  );
}

/** Who sits at a table and when, and when it is closed. */
function atTable(table: number, bookings: Booking[]): string {
  const w = words.value;
  const { time } = formats.value;
  const closed = [...floor.value.blocks.values()].map(({ tables, start, end, reason }) => ({
    ...{ tables, start },
    text: w.printed.closed(time(start), time(end), reason && isolate(reason)),
  }));
  const sits = bookings.map((each) => {
    const { start, end } = stayOf(each);
    return { tables: each.tables, start, text: `${time(start)}–${time(end)} ${nameOf(each.name)} ${each.guests}` };
  });
  return [...sits, ...closed]
    .filter(({ tables }) => tables.includes(table))
    .sort((a, b) => a.start - b.start)
    .map(({ text }) => text)
    .join(" · ");
}

/** What must not be overlooked. */
function Vital({ of }: { of: OfGuest }) {
  const said = [noteSentence(of, "dietary"), noteSentence(of, "access")].filter(Boolean);
  return (
    <>
      {said.map((each) => (
        <strong key={each}>
          ⚠ <bdi>{each}</bdi>{" "}
        </strong>
      ))}
    </>
  );
}

function Line({ booking }: { booking: Booking }) {
  const w = words.value;
  const needs = booking.needs.map((each) => w.needs[each] ?? each).join(", ");
  const more = [booking.occasion, needs, booking.note, booking.houseNote].filter(Boolean);
  return (
    <tr>
      <td>{formats.value.time(booking.start)}</td>
      <td>
        <bdi>{shownName(booking.name)}</bdi>
      </td>
      <td>{booking.guests}</td>
      <td>{tablesText(booking.tables)}</td>
      <td>
        <bdi>{booking.phone}</bdi>
      </td>
      <td>{w.phase[phaseOf(booking, now.value)]}</td>
      <td>
        <Vital of={booking} />
        <bdi>{more.join(" · ")}</bdi>
      </td>
    </tr>
  );
}
