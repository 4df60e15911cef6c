// Elements in one line each. Text is always set as text: nothing that a guest typed is read as markup.

/** h("button", {class: "quiet", onclick: f, "aria-label": "…"}, "text", child, …) */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let fields = 0;

/** A labelled input or select; the label names it for everybody, not only for the eye. */
export function field(label, control, hint) {
  control.id ||= `field-${++fields}`;
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control, hint && h("small", {}, hint));
}

/** Sets text only where it differs: a screen reader hears a live region again at every write. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A name among words: whatever its direction, it does not turn the line round. */
export const name = (text) => ({ name: String(text) });

/** The same where there can be no element: in a title, an option, a label. */
export const isolate = (text) => `\u2068${text}\u2069`;

/** Sets words and names: ["19:00 ", name("שרה"), …]; each name stands in its own <bdi>. */
export function setParts(element, parts) {
  const said = JSON.stringify(parts);
  if (element.said === said) return;
  element.said = said;
  element.replaceChildren(...parts.map((part) => (typeof part === "string" ? part : h("bdi", {}, part.name))));
}

/** The same parts as plain text. */
export const plain = (parts) => parts.map((part) => (typeof part === "string" ? part : isolate(part.name))).join("");

/** Runs `work` with the buttons of `form` off, so that a second tap isn't a second booking. */
export async function once(form, work) {
  const buttons = [...form.querySelectorAll("button")].filter((button) => !button.disabled);
  for (const button of buttons) button.disabled = true;
  form.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    for (const button of buttons) button.disabled = false;
    form.removeAttribute("aria-busy");
  }
}

/**
 * Makes the children of `container` the elements of `items`, in their order: `make(item)` for a new key,
 * `update(element, item)` for each. What stays is not touched, so focus and half-done input survive.
 */
export function keyed(container, items, { make, update }) {
  const held = new Map([...container.children].map((element) => [element.dataset.key, element]));
  items.forEach((item, index) => {
    let element = held.get(String(item.id));
    if (!element) {
      element = make(item);
      element.dataset.key = item.id;
    }
    held.delete(String(item.id));
    update?.(element, item);
    if (container.children[index] !== element) container.insertBefore(element, container.children[index] ?? null);
  });
  for (const element of held.values()) element.remove();
}

/** A button that asks once more in its own place, without a dialog that would stop the page. */
export function carefulButton(label, question, act) {
  let sure = null;
  const button = h("button", { type: "button", class: "quiet danger" }, label);
  const calm = () => {
    clearTimeout(sure);
    sure = null;
    button.classList.remove("sure");
    setText(button, label);
  };
  button.addEventListener("click", () => {
    if (sure) {
      calm();
      act(button);
      return;
    }
    button.classList.add("sure");
    setText(button, question);
    sure = setTimeout(calm, 4_000);
  });
  button.addEventListener("blur", calm);
  return button;
}
