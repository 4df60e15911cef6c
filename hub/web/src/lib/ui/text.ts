// Texts that people wrote, inside sentences of ours: a name keeps its own direction of writing.

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** For texts that are no elements (labels, announcements); in elements a name stands in its own <bdi>. */
export const isolate = (text: string): string => `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}`;
