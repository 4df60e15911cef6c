// Keys of the stand, anywhere but where somebody types.
import { isStaff } from "../store/app.ts";
import { goTo, serviceDay, step } from "../store/days.ts";
import { dragging } from "../store/dragging.ts";
import { card, closeCard, dialog, freeMenu } from "../store/windows.ts";

const TYPED = "input, textarea, select, [contenteditable], dialog";

export function onShortcut(event: KeyboardEvent): void {
  const target = event.target as HTMLElement | null;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && !dialog.value) {
    if (freeMenu.value) freeMenu.value = null;
    else if (card.value !== null && !target?.closest("input, textarea, select")) closeCard();
    return;
  }
  if (dialog.value || dragging.value || target?.closest(TYPED)) return;
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

const ifStaff = (act: () => void) => () => {
  if (isStaff.value) act();
};

const ACTS: Record<string, () => void> = {
  n: ifStaff(() => (dialog.value = { kind: "phone" })),
  w: ifStaff(() => (dialog.value = { kind: "walkin" })),
  l: ifStaff(() => (dialog.value = { kind: "wait" })),
  "/": () => document.querySelector<HTMLInputElement>("[data-search]")?.focus(),
  t: () => goTo(serviceDay.value),
  "?": () => (dialog.value = { kind: "help" }),
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
};
