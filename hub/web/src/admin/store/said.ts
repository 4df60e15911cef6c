// What was just done, said once for the whole page.
import { signal } from "@preact/signals";

export const said = signal("");
