// Lists of bookings: one's own, and tonight's at the stand; each line can be changed or canceled.
import { guestWords, statusWords } from "./bars.js";
import { carefulButton, h, isolate, keyed, name, plain, setParts, setText } from "./dom.js";
import { dayTitle, span, wall } from "./times.js";

const ENDED = new Set(["canceled", "finished", "no_show"]);

function makeLine(acts) {
  return () => {
    const line = h("li", { class: "line" }, h("div", { class: "what" }, h("b"), h("span"), h("small")));
    const change = h("button", { type: "button", class: "quiet", onclick: () => acts.change(line.booking) }, "Change");
    const cancel = carefulButton("Cancel", "Really cancel?", (button) => acts.cancel(line.booking, button));
    line.append(h("div", { class: "acts" }, change, cancel));
    return line;
  };
}

function fill(line, booking, [head, middle, small]) {
  line.booking = booking;
  const [b, span, detail] = line.querySelector(".what").children;
  setText(b, head);
  setParts(span, middle);
  setParts(detail, small);
  line.dataset.status = booking.status ?? "";
  // Kept in its place though nothing can be done: the columns of all lines stay in line.
  line.querySelector(".acts").classList.toggle("none", ENDED.has(booking.status));
  const [change, cancel] = line.querySelectorAll("button");
  change.setAttribute("aria-label", `Change the booking ${head}, ${plain(middle)}`);
  // Its text asks back, so the name is a description here: a label would hide the question.
  cancel.title = `Booking ${head}, ${plain(middle)}`;
}

/** Bookings of GET /bookings/my. */
export function showMine(list, items, acts) {
  keyed(list, items, {
    make: makeLine(acts),
    update: (line, booking) => {
      const day = dayTitle(wall(booking.start_at)?.day ?? booking.service_date, { weekday: "short", day: "numeric", month: "short" });
      const middle = ["Table ", name(booking.table?.name ?? "?"), ` · ${guestWords(booking.guests)}`];
      fill(line, booking, [`${day}, ${span(booking.start_at, booking.end_at)}`, middle, [statusWords(booking.status)]]);
    },
  });
}

/** Bookings of floor:DAY, as floorList gives them. */
export function showFloor(list, items, tables, acts) {
  keyed(list, items, {
    make: makeLine(acts),
    update: (line, booking) => {
      const table = tables?.[booking.table_id]?.name ?? `no. ${booking.table_id}`;
      const rest = ["", statusWords(booking.status), booking.phone_number && isolate(booking.phone_number)];
      const small = ["Table ", name(table), rest.filter((part) => part !== null && part !== undefined).join(" · ")];
      const middle = [name(booking.guest_name ?? "Guest"), ` · ${guestWords(booking.guests)}`];
      fill(line, booking, [span(booking.start_at, booking.end_at), middle, small]);
    },
  });
}
