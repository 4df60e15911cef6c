import { expect, test } from "vitest";
import { RollOver } from "./rollover.ts";

const ENDS = "2026-11-29T02:00:00+03:00";
const at = (text: string) => Date.parse(text);

test("after midnight, in service, the day is still the evening that is on", () => {
  expect(new RollOver().isDue(at("2026-11-29T00:30:00+03:00"), ENDS)).toBe(false);
});

test("at its end the hub is asked, by the hub's clock alone, and again until it has told the next end", () => {
  const day = new RollOver();
  expect(day.isDue(at("2026-11-29T01:59:59.999+03:00"), ENDS)).toBe(false);
  expect(day.isDue(at("2026-11-29T02:00:00+03:00"), ENDS)).toBe(true);
  expect(day.isDue(at("2026-11-29T02:00:04+03:00"), ENDS)).toBe(false);
  expect(day.isDue(at("2026-11-29T02:00:05+03:00"), ENDS)).toBe(true);
  expect(day.isDue(at("2026-11-29T02:00:10+03:00"), "2026-11-30T02:00:00+03:00")).toBe(false);
});

test("a clock that was far ahead, and was put right, does not keep it from asking when the day really ends", () => {
  const day = new RollOver();
  expect(day.isDue(at("2026-12-01T02:00:00+03:00"), ENDS)).toBe(true);
  expect(day.isDue(at("2026-11-29T01:00:00+03:00"), ENDS)).toBe(false);
  expect(day.isDue(at("2026-11-29T02:00:00+03:00"), ENDS)).toBe(true);
});

test("nothing is asked before the hub has told when the day ends", () => {
  expect(new RollOver().isDue(at(ENDS), undefined)).toBe(false);
});
