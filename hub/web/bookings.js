// What one does with bookings on this page: make, list, change and cancel them.
import { BookingForm } from "./booking-form.js";
import { carefulButton, isolate, name, once, setParts, setText } from "./dom.js";
import { showMine } from "./lists.js";
import { clearProblem, showProblem } from "./problem.js";
import { dayTitle, span, wall } from "./times.js";

const find = (id) => document.getElementById(id);
const PAGE = 50;

export class Bookings {
  /** `moved(day)` is told the service day of a booking that was just made or changed. */
  constructor(api, moved) {
    Object.assign(this, { api, moved, items: [], next: null, changing: null, followed: false });
    const send = (body) => this.api.call("POST", "/bookings", body);
    this.form = new BookingForm({ send, done: (booking) => this.#done(booking, "Booked") });
    const patch = (body) => this.api.call("PATCH", `/bookings/${this.changing.id}`, this.#difference(body));
    this.changeForm = new BookingForm({ send: patch, submit: "Save the change", done: (booking) => this.#changed(booking) });
    find("book").replaceChildren(this.form.element);
    find("change-form").replaceChildren(this.changeForm.element);
    const close = find("change-acts").appendChild(document.createElement("button"));
    Object.assign(close, { type: "button", className: "quiet", textContent: "Close" });
    close.addEventListener("click", () => find("change").close());
    const cancel = carefulButton("Cancel this booking", "Really cancel it?", async (button) => {
      if (await this.cancel(this.changing, button, this.changeForm.problem)) find("change").close();
    });
    find("change-acts").append(cancel);
    find("mine-more").addEventListener("click", () => this.load(this.next));
    this.acts = { change: (booking) => this.change(booking), cancel: (booking, button) => this.cancel(booking, button) };
  }

  setTables(tables) {
    this.form.setTables(tables);
    this.changeForm.setTables(tables);
  }

  async load(before = null) {
    if (this.followed) return;
    const loading = (this.loading = Symbol("the newest load wins"));
    try {
      const page = await this.api.call("GET", `/bookings/my?limit=${PAGE}${before ? `&before=${encodeURIComponent(before)}` : ""}`);
      if (loading !== this.loading) return;
      this.items = before ? [...this.items, ...page.items] : page.items;
      this.next = page.next ?? null;
      clearProblem(find("mine-problem"));
    } catch (problem) {
      if (loading === this.loading) showProblem(find("mine-problem"), problem);
    }
    this.#showMine();
  }

  /** Takes what the channel `mine` holds: whoever changed it, it shows here at once. */
  follow(data) {
    const items = Object.entries(data?.bookings ?? {}).map(([id, booking]) => ({ id, ...booking }));
    items.sort((a, b) => Date.parse(a.start_at) - Date.parse(b.start_at) || Number(a.id) - Number(b.id));
    Object.assign(this, { items, next: null, loading: null, followed: true });
    clearProblem(find("mine-problem"));
    this.#showMine();
  }

  /** The channel is not there (any more): one's bookings are asked for instead, after each change. */
  unfollow() {
    this.followed = false;
    this.load();
  }

  clear() {
    Object.assign(this, { items: [], next: null, loading: null, followed: false });
    this.#showMine();
    this.form.quiet();
    if (find("change").open) find("change").close();
  }

  #showMine() {
    showMine(find("mine-list"), this.items, this.acts);
    find("mine-empty").hidden = this.items.length > 0;
    find("mine-more").hidden = this.next === null;
  }

  /** Opens the form over a booking: of GET /bookings/my, or of the floor. */
  change(booking) {
    this.changing = booking;
    const starts = wall(booking.start_at);
    const tableId = String(booking.table?.id ?? booking.table_id);
    this.before = { date: starts.day, time: starts.time, guests: booking.guests, table_id: Number(tableId) };
    this.changeForm.quiet();
    this.changeForm.set({ date: starts.day, time: starts.time, guests: booking.guests, tableId });
    const what = [`${dayTitle(starts.day)}, ${span(booking.start_at, booking.end_at)}`];
    if (booking.guest_name) what.push(" · ", name(booking.guest_name));
    if (booking.phone_number) what.push(" · ", name(booking.phone_number));
    setParts(find("change-what"), what);
    find("change").showModal();
  }

  // Only what was changed is sent: what another changed meanwhile is not put back by this form.
  #difference(body) {
    const values = { ...body, time: body.time.slice(0, 5) };
    return Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== this.before[name]));
  }

  async cancel(booking, button, place = find("mine-problem")) {
    try {
      await once(button.parentElement, () => this.api.call("DELETE", `/bookings/${booking.id}`));
      clearProblem(place);
    } catch (problem) {
      showProblem(place, problem);
      place.scrollIntoView({ block: "nearest" });
      return false;
    }
    this.load();
    return true;
  }

  #changed(booking) {
    find("change").close();
    setText(this.form.said, this.#done(booking, "Changed"));
  }

  #done(booking, verb) {
    this.load();
    this.moved(booking.service_date);
    const day = dayTitle(wall(booking.start_at).day, { weekday: "short", day: "numeric", month: "short" });
    return `${verb}: ${day}, ${span(booking.start_at, booking.end_at)}, table ${isolate(booking.table.name)}.`;
  }
}
