import { expect, test } from "vitest";
import { NOTHING_SAID, saidChanges, saidOf, saidOver } from "./said.ts";

test("of a new booking it is what is said, and nothing else", () => {
  expect(saidChanges(NOTHING_SAID, { note: "  ", occasion: "", needs: [] })).toEqual({});
  expect(saidChanges(NOTHING_SAID, { note: " Nuts ", occasion: "birthday", needs: ["quiet"] })).toEqual({
    ...{ note: "Nuts", occasion: "birthday", needs: ["quiet"] },
  });
});

test("of a change it is what is another, and null where it is taken away", () => {
  const before = saidOf({ note: "Nuts", occasion: null, needs: ["pram", "quiet"] });
  expect(before).toEqual({ note: "Nuts", occasion: "", needs: ["pram", "quiet"] });
  expect(saidChanges(before, { ...before, needs: ["quiet", "pram"] })).toEqual({});
  expect(saidChanges(before, { note: "", occasion: "", needs: [] })).toEqual({ note: null, needs: [] });
});

test("what was typed stays over what others changed, and the rest follows them", () => {
  const before = { note: "Nuts", occasion: "", needs: ["quiet"] };
  const present = { note: "Nuts, fish", occasion: "birthday", needs: [] };
  expect(saidOver(before, before, present)).toEqual(present);
  expect(saidOver(before, { ...before, note: "" }, present)).toEqual({ ...present, note: "" });
  expect(saidOver(before, { ...before, occasion: "jubilee", needs: ["pram"] }, present)).toEqual({
    ...{ note: "Nuts, fish", occasion: "jubilee", needs: ["pram"] },
  });
});
