// Times for people: in the venue's zone, 24 h or 12 h as the language has it.
import { isRepeated, MINUTE } from "./zone.ts";

export interface Formats {
  /** "19:30"; "02:30 GMT+1" where the clock shows that time twice. */
  time: (at: number) => string;
  seconds: (at: number) => string;
  /** Of how many hours the clock is. */
  hours: "12" | "24";
  /** "Sat 28 Nov" of "2026-11-28". */
  day: (date: string) => string;
  longDay: (date: string) => string;
  number: (value: number) => string;
  /** "4:07" of what is left of a hold. */
  countdown: (ms: number) => string;
}

export function formatsOf(locale: string, zone: string): Formats {
  const parts = { timeZone: zone, hour: "numeric", minute: "2-digit" } as const;
  const clock = new Intl.DateTimeFormat(locale, parts);
  const withOffset = new Intl.DateTimeFormat(locale, { ...parts, timeZoneName: "shortOffset" });
  const repeats = new Map<number, boolean>(); // by the quarter of an hour: clocks are set at none but these
  const isTwice = (at: number): boolean => {
    const quarter = Math.floor(at / (15 * MINUTE)) * 15 * MINUTE;
    const found = repeats.get(quarter) ?? isRepeated(zone, quarter);
    repeats.set(quarter, found);
    return found;
  };
  const exact = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    ...{ hour: "numeric", minute: "2-digit", second: "2-digit" },
  });
  const label = (style: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { ...style, timeZone: "UTC" });
    return (date: string) => format.format(Date.parse(`${date}T00:00:00Z`));
  };
  const number = new Intl.NumberFormat(locale);
  return {
    time: (at) => (isTwice(at) ? withOffset : clock).format(at),
    seconds: (at) => exact.format(at),
    hours: clock.resolvedOptions().hour12 ? "12" : "24",
    day: label({ weekday: "short", day: "numeric", month: "short" }),
    longDay: label({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    number: (value) => number.format(value),
    countdown: (ms) => {
      const left = Math.max(0, Math.ceil(ms / 1000));
      return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    },
  };
}
