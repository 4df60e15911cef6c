// What the page says, in the reader's language.
import { computed } from "@preact/signals";
import { language } from "../../lib/page/state.ts";
import { en } from "../words/en.ts";
import { ru } from "../words/ru.ts";

const CATALOGUES = { en, ru };
export const words = computed(() => CATALOGUES[language.value]);
