// The form of a booking, new or to be changed: date, time, guests and a table, and what the hub says to it.
import { tableRows } from "./bars.js";
import { field, h, isolate, once, setText } from "./dom.js";
import { clearProblem, showProblem } from "./problem.js";

export class BookingForm {
  /** `send(body)` is async and throws a Problem; `done(answer)` follows it. `choose` names the empty table choice. */
  constructor({ send, done, submit = "Book", choose = "Any that fits" }) {
    Object.assign(this, { send, done, choose });
    this.date = h("input", { type: "date", name: "date", required: true });
    this.time = h("input", { type: "time", name: "time", step: "900", required: true, value: "19:00" });
    this.guests = h("input", { type: "number", name: "guests", min: "1", max: "20", required: true, inputmode: "numeric", value: "2" });
    this.table = h("select", { name: "table_id" }, h("option", { value: "" }, choose));
    this.problem = h("div", { class: "problem", role: "alert", hidden: true });
    this.said = h("p", { class: "said", role: "status" });
    this.element = h(
      "form",
      { class: "booking-form", onsubmit: (event) => this.#submit(event) },
      h("div", { class: "fields" }, field("Date", this.date), field("Time", this.time), field("Guests", this.guests), field("Table", this.table)),
      this.problem,
      h("button", { type: "submit", class: "primary" }, submit),
      this.said,
    );
    this.element.addEventListener("input", () => this.quiet());
  }

  set({ date, time, guests, tableId }) {
    if (date !== undefined) this.date.value = date;
    if (time !== undefined) this.time.value = time;
    if (guests !== undefined) this.guests.value = guests;
    if (tableId !== undefined) this.table.value = tableId ?? "";
  }

  setTables(tables) {
    const chosen = this.table.value;
    const options = tableRows(tables).map(({ id, name, seats }) => h("option", { value: id }, `${isolate(name)} · ${seats} seats`));
    this.table.replaceChildren(h("option", { value: "" }, this.choose), ...options);
    this.table.value = chosen;
    // A table that was removed meanwhile leaves the choice to the hub again.
    if (this.table.selectedIndex < 0) this.table.value = "";
  }

  quiet() {
    clearProblem(this.problem);
    setText(this.said, "");
  }

  #submit(event) {
    event.preventDefault();
    const { date, time, guests, table } = this;
    this.#try({ date: date.value, time: time.value, guests: Number(guests.value), table_id: table.value ? Number(table.value) : null });
  }

  #try(body) {
    this.quiet();
    return once(this.element, async () => {
      try {
        const answer = await this.send(body);
        setText(this.said, this.done(answer) ?? "");
      } catch (problem) {
        showProblem(this.problem, problem, { form: this.element, pick: (other) => this.#take(other, body) });
      }
    });
  }

  #take({ date, time, table }, body) {
    this.set({ date, time: time.slice(0, 5), tableId: String(table.id) });
    return this.#try({ ...body, date, time, table_id: table.id });
  }
}
