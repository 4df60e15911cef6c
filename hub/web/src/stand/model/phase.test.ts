// What the clock makes of a block.
import { expect, test } from "vitest";
import { isShut } from "./phase.ts";
import { clock } from "./tests/scene.ts";

const block = { id: 9, tables: [3], start: clock("19:00"), end: clock("20:00"), reason: "leg broken" };

test("a block is shut until it ends, and not any more", () => {
  expect(["18:00", "19:59", "20:00"].map((at) => isShut(block, clock(at)))).toEqual([true, true, false]);
  expect(isShut(undefined, clock("18:00"))).toBe(false);
});
