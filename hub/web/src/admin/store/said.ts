// What was just done, said once for the whole page; the same words twice are said twice.
import { signal } from "@preact/signals";

export const said = signal({ number: 0, text: "" });

export function say(text: string): void {
  said.value = { number: said.value.number + 1, text };
}
