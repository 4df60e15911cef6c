import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hear, hubNow } from "./clock.ts";

const SOURCES = new URL("../../", import.meta.url);
/** Who may read the device's clock: for how long ago something was, and for the hub's clock itself. */
const MAY = ["lib/time/clock.ts", "lib/live/client.ts", "lib/page/state.ts", "stand/parts/Header.tsx"];

beforeEach(() => void vi.useFakeTimers({ now: Date.parse("2026-11-28T12:00:00Z") }));
afterEach(() => void vi.useRealTimers());

test("the hub's clock goes on from what it told, whatever the device's says", () => {
  expect(hubNow()).toBe(Date.now());
  hear("2026-11-28T19:00:00+03:00"); // four hours later than the device's
  expect(hubNow()).toBe(Date.parse("2026-11-28T16:00:00Z"));
  vi.advanceTimersByTime(90_000);
  expect(hubNow()).toBe(Date.parse("2026-11-28T16:01:30Z"));
  vi.setSystemTime(Date.parse("2026-11-27T00:00:00Z")); // set back meanwhile
  expect(hubNow()).toBe(Date.parse("2026-11-28T16:01:30Z"));
  hear("not a time");
  expect(hubNow()).toBe(Date.parse("2026-11-28T16:01:30Z"));
});

test("nothing else is judged by the device's clock", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !/\.test\.|generated/.test(file));
  expect(sources.length).toBeGreaterThan(100);
  const asking = sources.filter((file) => {
    const text = readFileSync(new URL(file, SOURCES), "utf8");
    return /Date\.now\(|new Date\(\)|Temporal\.Now/.test(text);
  });
  expect(asking.filter((file) => !MAY.includes(file))).toEqual([]);
});
