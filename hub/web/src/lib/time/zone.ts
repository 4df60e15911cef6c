// The venue's wall time: from an instant (ms since 1970) and back, in its zone and never in the browser's. Pure.

export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

export interface Wall {
  /** "2026-11-28" */
  date: string;
  /** "19:30" */
  time: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    const two = "2-digit" as const;
    found = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      ...{ month: two, day: two, hour: two, minute: two, second: two },
    });
    formats.set(zone, found);
  }
  return found;
}

/** What a clock in the zone shows, read as if it were UTC. */
function shown(zone: string, at: number): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return Date.parse(`${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}Z`);
}

export function wallOf(zone: string, at: number): Wall {
  const [date, time] = new Date(shown(zone, at)).toISOString().split("T") as [string, string];
  return { date, time: time.slice(0, 5) };
}

/** How far the zone's clock is ahead of UTC at an instant, in ms. */
export function offsetAt(zone: string, at: number): number {
  const second = Math.floor(at / 1000) * 1000;
  return shown(zone, second) - second;
}

/** The instants of a wall time, by time: two of one that occurs twice; of one that is jumped over that after the jump. */
export function instantsOf(zone: string, date: string, time: string): number[] {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  const candidates = [-DAY, DAY].map((about) => wanted - offsetAt(zone, wanted + about));
  const exact = new Set(candidates.filter((at) => shown(zone, at) === wanted));
  return exact.size > 0 ? [...exact].sort((a, b) => a - b) : [Math.max(...candidates)];
}

/** The instant of a wall time; of one that occurs twice the first. */
export const instantOf = (zone: string, date: string, time: string): number =>
  Math.min(...instantsOf(zone, date, time));

/** When the clock next shows this time, after an instant: twice where it is set back meanwhile. */
export function nextShowings(zone: string, after: number, time: string): number[] {
  const { date } = wallOf(zone, after);
  const later = (each: string) => instantsOf(zone, each, time).filter((at) => at > after);
  const found = later(date);
  return found.length > 0 ? found : later(shiftDate(date, 1));
}

/** Whether the clock shows this time twice, since it is set back in between. */
export function isRepeated(zone: string, at: number): boolean {
  const { date, time } = wallOf(zone, at);
  return instantsOf(zone, date, time).length > 1;
}

/** RFC 3339 in the zone's local time with its offset, as the hub writes instants. */
export function localText(zone: string, at: number): string {
  const offset = offsetAt(zone, at) / MINUTE;
  const sign = offset < 0 ? "-" : "+";
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const size = Math.abs(offset);
  return `${new Date(shown(zone, at)).toISOString().slice(0, 19)}${sign}${two(size / 60)}:${two(size % 60)}`;
}

/** A calendar day, so many days later; it is a label and not an instant. */
export function shiftDate(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

export const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
