// The restaurant's wall time, read from the texts as they come: the browser's own zone never has a say. Pure.

const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;
const two = (number) => String(number).padStart(2, "0");
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
  return new Intl.DateTimeFormat(undefined, { ...style, timeZone: "UTC" }).format(midnight(day));
}

/** The offset of an instant's text in minutes; null without one. */
export function offsetOf(text) {
  const zone = INSTANT.exec(text ?? "")?.[4];
  if (!zone) return null;
  if (zone.toUpperCase() === "Z") return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return (zone[0] === "-" ? -1 : 1) * (hours * 60 + minutes);
}

/** What the restaurant's clock shows now; without a known offset, the device's own is the best guess. */
export function wallNow(offset) {
  const minutes = offset ?? -new Date().getTimezoneOffset();
  const text = new Date(Date.now() + minutes * 60_000).toISOString();
  return { day: text.slice(0, 10), minutes: wall(`${text.slice(0, 16)}`).minutes };
}

/** "18:00–20:00" of a booking or an interval. */
export const span = (startAt, endAt) => `${wall(startAt)?.time ?? "?"}–${wall(endAt)?.time ?? "?"}`;
