// The pane of the room for admins: add a table, rename it, change its seats, remove it.
import { tableRows } from "./bars.js";
import { carefulButton, field, h, keyed, once } from "./dom.js";
import { clearProblem, showProblem } from "./problem.js";

const seatsInput = (value) => h("input", { type: "number", name: "seats", min: "1", max: "20", required: true, inputmode: "numeric", value });
const nameInput = (value) => h("input", { name: "name", dir: "auto", required: true, maxlength: "64", autocomplete: "off", value });

export class AdminPane {
  constructor(root, api) {
    this.api = api;
    this.problem = h("div", { class: "problem", role: "alert", hidden: true });
    this.list = h("ul", { class: "tables-admin" });
    const [name, seats] = [nameInput(""), seatsInput("2")];
    const add = (event) => {
      event.preventDefault();
      this.#try(form, async () => {
        await api.call("POST", "/admin/tables", { name: name.value, seats: Number(seats.value) });
        form.reset();
        name.focus();
      });
    };
    const form = h("form", { class: "table-line new", onsubmit: add }, field("New table", name), field("Seats", seats), h("button", { type: "submit", class: "primary" }, "Add"));
    root.replaceChildren(this.problem, this.list, form);
  }

  /** The tables of the live channel: what another admin does shows here as it happens. */
  show(tables) {
    keyed(this.list, tableRows(tables), { make: (table) => this.#line(table), update: (line, table) => this.#fill(line, table) });
  }

  #line({ id }) {
    const path = `/admin/tables/${id}`;
    const [name, seats] = [nameInput(""), seatsInput("")];
    name.setAttribute("aria-label", "Name");
    seats.setAttribute("aria-label", "Seats");
    const save = h("button", { type: "submit", class: "quiet" }, "Save");
    const remove = carefulButton("Remove", "Really remove?", () => this.#try(form, () => this.api.call("DELETE", path)));
    const submit = (event) => {
      event.preventDefault();
      this.#try(form, async () => {
        const table = await this.api.call("PATCH", path, { name: name.value, seats: Number(seats.value) });
        this.#settle(form, table);
      });
    };
    const form = h("form", { class: "table-line", onsubmit: submit }, name, seats, save, remove);
    form.addEventListener("input", () => form.classList.add("dirty"));
    return h("li", {}, form);
  }

  #fill(line, table) {
    const form = line.firstElementChild;
    // Somebody is typing here: their words are not replaced by what another has saved.
    if (!form.classList.contains("dirty")) this.#settle(form, table);
  }

  #settle(form, { name, seats }) {
    form.elements.name.value = name;
    form.elements.seats.value = seats;
    form.classList.remove("dirty");
  }

  async #try(form, work) {
    clearProblem(this.problem);
    try {
      await once(form, work);
    } catch (problem) {
      showProblem(this.problem, problem, { form });
    }
  }
}
