// The restaurant's wall time, from the texts as they come and from its zone: the browser's own never has a say. Pure.

const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;
const two = (number) => String(number).padStart(2, "0");
// The page speaks English, so its dates do too: the reader's own kind of English where there is one.
const LOCALE = (globalThis.navigator?.languages ?? []).find((each) => /^en\b/i.test(each)) ?? "en-GB";
const midnight = (day) => Date.parse(`${day}T00:00:00Z`);

/** "2026-11-24T18:00:00+03:00" → {day, minutes, time: "18:00"}; null when it can't be read. */
export function wall(text) {
  const parts = INSTANT.exec(text ?? "");
  if (!parts) return null;
  return { day: parts[1], minutes: Number(parts[2]) * 60 + Number(parts[3]), time: `${parts[2]}:${parts[3]}` };
}

/** Minutes from the midnight that begins `day`: 00:30 of the next day is 1470. */
export function minutesOn(day, text) {
  const at = wall(text);
  return at && (midnight(at.day) - midnight(day)) / 60_000 + at.minutes;
}

export function shiftDay(day, days) {
  return new Date(midnight(day) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Minutes since a day's midnight as a clock shows them: 1470 → "00:30". */
export function clock(minutes) {
  const inDay = ((minutes % 1440) + 1440) % 1440;
  return `${two(Math.floor(inDay / 60))}:${two(inDay % 60)}`;
}

/** A calendar day for people; it is a label and not an instant, hence UTC on both sides. */
export function dayTitle(day, style = { weekday: "long", day: "numeric", month: "long" }) {
  return new Intl.DateTimeFormat(LOCALE, { ...style, timeZone: "UTC" }).format(midnight(day));
}

/** What a clock in `zone` shows at an instant (ms since 1970): {day, minutes}; null while one of them is not known. */
export function wallIn(zone, at) {
  if (!zone || at === null) return null;
  const style = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en", style).formatToParts(at).map(({ type, value }) => [type, value]));
  return { day: `${parts.year}-${parts.month}-${parts.day}`, minutes: Number(parts.hour) * 60 + Number(parts.minute) };
}

/** "18:00–20:00" of a booking or an interval. */
export const span = (startAt, endAt) => `${wall(startAt)?.time ?? "?"}–${wall(endAt)?.time ?? "?"}`;
