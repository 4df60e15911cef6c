import { expect, test } from "vitest";
import { firstPlace, isSame, moved, sized, stepped, turned } from "./place.ts";

const place = { x: 100, y: 200, width: 150, height: 100, shape: "rect", turn: 0 } as const;

test("the whole of a table stays on the plan", () => {
  expect(moved(place, -20, 950)).toEqual({ ...place, x: 0, y: 900 });
  expect(moved(place, 500.4, 30.6)).toEqual({ ...place, x: 500, y: 31 });
  expect(sized({ ...place, x: 900, width: 100 }, 300, 10)).toMatchObject({ x: 700, width: 300, height: 40 });
});

test("arrows move by little, or by leaps; another key does nothing", () => {
  expect(stepped(place, "ArrowRight", false)).toEqual({ ...place, x: 110 });
  expect(stepped(place, "ArrowUp", true)).toEqual({ ...place, y: 150 });
  expect(stepped({ ...place, x: 0 }, "ArrowLeft", false)?.x).toBe(0);
  expect(stepped(place, "Enter", false)).toBeNull();
});

test("four turns lead back", () => {
  expect(turned(turned(turned(turned(place))))).toEqual(place);
  expect(turned(place).turn).toBe(45);
});

test("a new table gets a spot where none stands, and the corner where there is no room", () => {
  const one = firstPlace(2, []);
  const two = firstPlace(2, [one]);
  expect(two.x >= one.x + one.width || two.y >= one.y + one.height).toBe(true);
  const full = { x: 0, y: 0, width: 1000, height: 1000, shape: "rect", turn: 0 } as const;
  expect(firstPlace(4, [full])).toMatchObject({ x: 0, y: 0, width: 130 });
});

test("places are compared by what they say", () => {
  expect(isSame(place, { ...place })).toBe(true);
  expect(isSame(place, { ...place, turn: 45 })).toBe(false);
  expect([isSame(null, null), isSame(place, null), isSame(null, place)]).toEqual([true, false, false]);
});
