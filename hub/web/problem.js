// A refusal of the hub, shown where it was caused: words, the fields it means, and what can be had instead.
import { h } from "./dom.js";
import { dayTitle } from "./times.js";

const WORDS = {
  slot_taken: "That table is taken at that time.",
  outside_opening_hours: "The restaurant isn't open for the whole of that time.",
  in_the_past: "That time is over already.",
  too_far_ahead: "That day can't be booked yet.",
  table_too_small: "There is no table large enough for so many guests.",
  too_late_to_cancel: "It is too late to cancel this booking.",
  too_late_to_change: "It is too late to change this booking.",
  nonexistent_local_time: "The clocks are put forward over that time: it doesn't exist on that day.",
  conflict: "Somebody changed this at the same moment. Please try again.",
  overloaded: "The hub is very busy. Please try again in a moment.",
  unavailable: "The hub can't answer at the moment. Please try again.",
};

export function clearProblem(place) {
  place.hidden = true;
  place.replaceChildren();
  place.form?.querySelectorAll("[aria-invalid]").forEach((control) => control.removeAttribute("aria-invalid"));
}

/** Shows `problem` in `place` (role alert); `pick` is told the alternative that somebody chose. */
export function showProblem(place, problem, { form, pick } = {}) {
  place.form = form;
  clearProblem(place);
  const detail = problem.body?.detail;
  const words = WORDS[problem.code] ?? detail ?? problem.message;
  const parts = [h("p", {}, h("b", {}, words))];
  if (WORDS[problem.code] && detail && detail !== words) parts.push(h("p", { class: "detail" }, detail));
  if (problem.fields?.length) parts.push(h("ul", {}, problem.fields.map((error) => h("li", {}, `${error.field}: ${error.message}`))));
  for (const { field } of problem.fields ?? []) form?.elements.namedItem(field)?.setAttribute?.("aria-invalid", "true");
  if (pick && problem.alternatives?.length) {
    const buttons = problem.alternatives.map((other) =>
      h("button", { type: "button", class: "alternative", onclick: () => pick(other) }, h("b", {}, other.time.slice(0, 5)), ` ${other.table.name}`, h("small", {}, `${dayTitle(other.date, { weekday: "short", day: "numeric", month: "short" })} · ${other.table.seats} seats`)),
    );
    parts.push(h("p", {}, "Free instead – choose one to book it:"), h("div", { class: "alternatives" }, buttons));
  }
  place.append(...parts);
  place.hidden = false;
}
