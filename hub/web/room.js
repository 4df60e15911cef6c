// The room of one service day: a row per table, the hours across, and what is taken as bars.
// It is drawn by keys: an element stays while its booking does, so focus, scroll and highlights survive a change.
import { axisOf, tableRows } from "./bars.js";
import { h, isolate, name as named, plain, setParts, setText } from "./dom.js";
import { clock } from "./times.js";

const HIGHLIGHT_MS = 2_600;
const STEP = 15;

export class Room {
  /**
   * `pick` is told {tableId, minutes} of a free place, `open` the bar of a booking; `present()` gives {day, minutes} of
   * the venue's clock now, `hours()` {from, to} in which the house is open; each null while it is not known.
   */
  constructor(root, { pick, open, present, hours }) {
    Object.assign(this, { pick, open, present, hours, rows: new Map(), bars: new Map() });
    this.marks = h("div", { class: "hours", "aria-hidden": "true" });
    this.body = h("tbody");
    this.empty = h("p", { class: "empty", hidden: true }, "There is no table in the room yet.");
    const head = h("tr", {}, h("th", { scope: "col" }, "Table"), h("th", { scope: "col" }, h("span", { class: "unseen" }, "Taken"), this.marks));
    this.table = h("table", { class: "room" }, h("thead", {}, head), this.body);
    this.scroll = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Room by hour" }, this.table);
    root.replaceChildren(this.scroll, this.empty);
    this.show(null);
    // The line of the present moves without any frame.
    setInterval(() => this.#drawNow(), 20_000);
  }

  show(day) {
    Object.assign(this, { day, tables: null, list: null, fresh: true });
    for (const { element } of this.bars.values()) element.remove();
    this.bars.clear();
    this.table.classList.add("waiting");
    this.#later();
  }

  update({ tables = this.tables, list = this.list }) {
    Object.assign(this, { tables, list });
    this.#later();
  }

  // A burst of frames is one drawing; a hidden page draws when it is looked at again.
  #later() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.#draw();
    });
  }

  #draw() {
    if (!this.tables) return;
    const list = this.list ?? [];
    this.axis = axisOf(list, this.hours());
    this.table.style.setProperty("--hours", (this.axis.to - this.axis.from) / 60);
    this.#drawHours();
    this.#drawRows(list);
    this.#drawBars(list);
    this.#drawNow();
    this.empty.hidden = this.rows.size > 0;
    if (!this.list) return;
    this.table.classList.remove("waiting");
    if (this.fresh) this.#scrollToNow();
    this.fresh = false;
  }

  #drawHours() {
    const { from, to } = this.axis;
    if (this.marks.dataset.axis === `${from} ${to}`) return;
    this.marks.dataset.axis = `${from} ${to}`;
    const marks = [];
    for (let minutes = from; minutes < to; minutes += 60) marks.push(h("span", {}, clock(minutes)));
    this.marks.replaceChildren(...marks);
  }

  #drawRows(list) {
    const wanted = tableRows(this.tables);
    const known = new Set(wanted.map((row) => row.id));
    // A table may be gone while a booking of the past still names it.
    for (const { tableId } of list) {
      if (known.has(tableId)) continue;
      known.add(tableId);
      wanted.push({ id: tableId, name: `No. ${tableId}`, seats: null });
    }
    for (const [id, row] of this.rows) {
      if (known.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
    wanted.forEach((table, index) => {
      const row = this.rows.get(table.id) ?? this.#newRow(table.id);
      setParts(row.name, [named(table.name)]);
      setText(row.seats, table.seats === null ? "removed" : `${table.seats} seats`);
      row.button.setAttribute("aria-label", `Book table ${isolate(table.name)}, ${table.seats} seats`);
      if (this.body.children[index] !== row.element) this.body.insertBefore(row.element, this.body.children[index] ?? null);
    });
  }

  #newRow(id) {
    const name = h("b");
    const seats = h("small");
    const button = h("button", { type: "button", class: "table-name", onclick: () => this.pick({ tableId: id, minutes: null }) }, name, seats);
    const track = h("ul", { class: "track", onclick: (event) => this.#pickAt(id, track, event) });
    const row = { button, name, seats, track, element: h("tr", {}, h("th", { scope: "row" }, button), h("td", {}, track)) };
    this.rows.set(id, row);
    return row;
  }

  #pickAt(tableId, track, event) {
    // A tap on a bar is about the booking and not about the place beneath it.
    if (event.target !== track) return;
    const box = track.getBoundingClientRect();
    const minutes = this.axis.from + ((event.clientX - box.left) / box.width) * (this.axis.to - this.axis.from);
    this.pick({ tableId, minutes: Math.floor(minutes / STEP) * STEP });
  }

  #drawBars(list) {
    const kept = new Set(list.map((bar) => bar.key));
    for (const [key, held] of this.bars) {
      if (kept.has(key)) continue;
      this.#highlight(held.element.parentElement);
      held.element.remove();
      this.bars.delete(key);
    }
    for (const bar of list) this.#drawBar(bar);
  }

  #drawBar(bar) {
    const track = this.rows.get(bar.tableId).track;
    const held = this.bars.get(bar.key) ?? this.#newBar(bar);
    const said = [bar.tableId, bar.from, bar.to, plain(bar.title), ...bar.lines, bar.status].join("|");
    held.bar = bar;
    const width = this.axis.to - this.axis.from;
    held.element.style.left = `${((bar.from - this.axis.from) / width) * 100}%`;
    held.element.style.width = `${((bar.to - bar.from) / width) * 100}%`;
    if (held.said === said) return;
    if (held.element.parentElement !== track) track.append(held.element);
    held.said = said;
    held.element.dataset.status = bar.status;
    setParts(held.title, bar.title);
    held.lines.forEach((line, index) => setText(line, bar.lines[index] ?? ""));
    held.inner.title = [bar.time, plain(bar.title), ...bar.lines].join(" · ");
    if (!this.fresh) this.#highlight(held.element);
  }

  #newBar(bar) {
    const title = h("b");
    const lines = bar.lines.map(() => h("span"));
    const held = { title, lines };
    const opens = { type: "button", onclick: () => this.open(held.bar) };
    held.inner = h(bar.booking ? "button" : "div", bar.booking ? opens : {}, title, lines);
    held.element = h("li", { class: "bar" }, held.inner);
    this.bars.set(bar.key, held);
    return held;
  }

  #highlight(element) {
    if (!element || this.fresh) return;
    // Taken off and put on again, so that a second change of the same bar is seen as well.
    element.classList.remove("changed");
    void element.offsetWidth;
    element.classList.add("changed");
    clearTimeout(element.highlight);
    element.highlight = setTimeout(() => element.classList.remove("changed"), HIGHLIGHT_MS);
  }

  // Where the hours don't fit, the evening would begin out of sight: once a day shown, and never under a finger.
  #scrollToNow() {
    const share = Number(this.table.style.getPropertyValue("--now"));
    const isNow = this.table.classList.contains("today");
    const hour = this.marks.clientWidth / ((this.axis.to - this.axis.from) / 60);
    this.scroll.scrollLeft = isNow ? Math.max(0, share * this.marks.clientWidth - hour) : 0;
  }

  #drawNow() {
    if (!this.axis || !this.day) return;
    const now = this.present();
    this.table.classList.toggle("today", false);
    if (!now) return;
    const minutes = now.minutes + (Date.parse(now.day) - Date.parse(this.day)) / 60_000;
    const share = (minutes - this.axis.from) / (this.axis.to - this.axis.from);
    this.table.classList.toggle("today", share >= 0 && share <= 1);
    this.table.style.setProperty("--now", share);
  }
}
