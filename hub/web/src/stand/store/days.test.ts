import { expect, test, vi } from "vitest";
import type { WireVenue } from "../../lib/api/wire.ts";

const none = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
vi.stubGlobal("sessionStorage", none);
vi.stubGlobal("localStorage", none);
vi.stubGlobal("location", new URL("http://hub.test/stand"));
const { dayOf, goTo, keptDates, learn, watchKeptDays } = await import("./days.ts");

const dayIsOn = (service_day: string) => learn({ service_day, shifts: [] } as unknown as WireVenue);
const watched = (...dates: string[]) => dates.map((date) => dayOf(date).watchers > 0);

test("today and tomorrow are watched through a change of the service day, whatever day is looked at", () => {
  const [before, first, second, third] = ["2026-11-20", "2026-11-28", "2026-11-29", "2026-11-30"] as const;
  dayIsOn(first);
  const stop = watchKeptDays();
  expect(keptDates.value).toEqual([first, second]);
  goTo(before);
  expect(watched(before, first, second, third)).toEqual([true, true, true, false]);
  dayIsOn(second);
  expect(watched(before, first, second, third)).toEqual([true, false, true, true]);
  stop();
  expect(watched(first, second, third)).toEqual([false, false, false]);
  dayIsOn(third);
  expect(watched(second, third)).toEqual([false, false]);
});
