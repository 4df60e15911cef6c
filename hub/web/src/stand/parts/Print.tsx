// The day on paper: by time, by table, with notes. Its foot says as of when it is true and which position it has.
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { isolate } from "../../lib/ui/text.ts";
import { groupsOf } from "../model/bars.ts";
import { holdsTables, phaseOf } from "../model/phase.ts";
import type { Booking } from "../model/types.ts";
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

export function PrintSheet() {
  const w = words.value;
  const f = formats.value;
  if (!date.value) return null;
  const bookings = [...floor.value.bookings.values()]
    .filter((booking) => holdsTables(booking) || booking.status === "finished")
    .sort((a, b) => a.start - b.start || a.id - b.id);
  const isLive = live.value.state === "live";
  const blocks = [...floor.value.blocks.values()];
  const waits = [...floor.value.waitlist.values()].sort((a, b) => a.place - b.place);
  return (
    <section class="sheet" aria-hidden="true">
      <h1>
        <bdi>{venue.value?.name}</bdi> · {f.longDay(date.value)}
      </h1>
      <h2>{w.printed.byTime}</h2>
      <table>
        <tbody>
          {bookings.map((booking) => (
            <Line key={booking.id} booking={booking} />
          ))}
        </tbody>
      </table>
      <h2>{w.printed.byTable}</h2>
      <table>
        <tbody>
          {groupsOf(room.value, floor.value).flatMap(({ tables }) =>
            tables.map((table) => (
              <tr key={table.id}>
                <th>
                  <bdi>{table.name}</bdi> ({table.seats})
                </th>
                <td>
                  {[
                    ...bookings.map((each) => ({
                      ...each,
                      text: `${f.time(each.start)} ${nameOf(each.name)} ${each.guests}`,
                    })),
                    ...blocks.map((each) => ({
                      ...each,
                      text: w.printed.closed(f.time(each.start), f.time(each.end), each.reason && isolate(each.reason)),
                    })),
                  ]
                    .filter(({ tables }) => tables.includes(table.id))
                    .sort((a, b) => a.start - b.start)
                    .map(({ text }) => text)
                    .join(" · ")}
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
      {waits.length > 0 && (
        <>
          <h2>{w.forms.wait}</h2>
          <table>
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
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <p>
        {w.printed.asOf(f.seconds(shown.value?.knownAt ?? now.value), shown.value?.position ?? "")}
        {!isLive && ` ${w.printed.old}`}
      </p>
    </section>
  );
}

function Line({ booking }: { booking: Booking }) {
  const w = words.value;
  const more = [
    noteSentence(booking, "dietary"),
    noteSentence(booking, "access"),
    booking.occasion,
    booking.needs.map((each) => w.needs[each] ?? each).join(", "),
    booking.note,
    booking.houseNote,
  ];
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
        <bdi>{more.filter(Boolean).join(" · ")}</bdi>
      </td>
    </tr>
  );
}
