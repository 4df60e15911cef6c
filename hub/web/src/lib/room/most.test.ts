import { expect, test } from "vitest";
import { mostOf } from "./most.ts";

test("the largest table, or what is pushed together to more", () => {
  const tables = [{ seats: 2 }, { seats: 6 }];
  expect(mostOf({ tables, combinations: [] })).toEqual({ guests: 6, isJoined: false });
  expect(mostOf({ tables, combinations: [{ max: 8 }, { max: 4 }] })).toEqual({ guests: 8, isJoined: true });
  expect(mostOf({ tables, combinations: [{ max: 6 }] })).toEqual({ guests: 6, isJoined: false });
  expect(mostOf({ tables: [], combinations: [] })).toBeNull();
});
