import { expect, test } from "vitest";
import { FIRST_MS, Rhythm, SLOWEST_MS } from "./rhythm.ts";

test("it slows while nothing changes, down to a bound, and is quick again after a change", () => {
  const rhythm = new Rhythm();
  const pauses = Array.from({ length: 20 }, () => rhythm.after("3 ahead", false) ?? 0);
  expect(pauses[0]).toBe(FIRST_MS);
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(pauses.at(-1)).toBe(SLOWEST_MS);
  expect(rhythm.after("2 ahead", false)).toBe(FIRST_MS);
});

test("no answer is no change", () => {
  const rhythm = new Rhythm();
  rhythm.after("3 ahead", false);
  expect(rhythm.after("", false)).toBeGreaterThan(FIRST_MS);
  expect(rhythm.after("3 ahead", false)).toBeGreaterThan(FIRST_MS);
});

test("after the end it is asked for slowly and not for ever, and again when the wait goes on", () => {
  const rhythm = new Rhythm();
  const pauses = Array.from({ length: 20 }, () => rhythm.after("left", true));
  expect(pauses[0]).toBe(SLOWEST_MS);
  expect(pauses.filter((each) => each !== null).length * SLOWEST_MS).toBeGreaterThan(10 * 60_000);
  expect(pauses.at(-1)).toBeNull();
  expect(rhythm.after("2 ahead", false)).toBe(FIRST_MS);
});
