// The last act of a booking, as its history tells it, is shown as it would have been when it happened.
import { expect, test } from "vitest";
import type { WireAct } from "../../lib/api/wire.ts";
import { changeOfAct } from "./changes.ts";
import { booking, clock } from "./tests/scene.ts";

const sits = booking(1, "19:00", { tables: [2], revision: 3, name: "Petrova" });
const state = (more: object = {}) => ({
  ...{ start_at: new Date(clock("19:00")).toISOString(), end_at: new Date(clock("21:00")).toISOString() },
  ...{ guests: 2, status: "booked", revision: 2, pinned: false, tables: [{ id: 2 }], ...more },
});
const act = (action: string, before: object | null, after: object | null) =>
  changeOfAct(sits, { action, before, after } as unknown as WireAct);

test("a move tells where they were, so that it can be taken back", () => {
  const moved = act("reseated", state({ tables: [{ id: 1 }] }), state({ revision: 3 }));
  expect(moved?.kind).toBe("moved");
  expect([moved?.before?.tables, moved?.booking?.tables, moved?.booking?.revision]).toEqual([[1], [2], 3]);
  expect([moved?.name, moved?.before?.revision]).toEqual(["Petrova", 2]);
});

test("each act has the word that it had when it happened", () => {
  expect(act("booked", null, state())?.kind).toBe("booked");
  expect(act("walked_in", null, state({ status: "seated" }))?.kind).toBe("walked_in");
  expect(act("seated", state(), state({ status: "seated" }))?.kind).toBe("seated");
  expect(act("undone", state({ status: "seated" }), state())?.kind).toBe("undone");
  expect(act("noted", state(), state({ revision: 3 }))?.kind).toBe("noted");
  expect(act("canceled", state(), state({ status: "canceled" }))?.kind).toBe("canceled");
  expect(act("undone", state({ status: "seated" }), state({ status: "canceled" }))?.kind).toBe("undone");
  expect(act("undone", state({ status: "canceled" }), state())?.kind).toBe("booked");
});

test("of what is not known any more nothing is told", () => {
  expect(act("seated", null, state({ status: "seated" }))).toBeNull();
  expect(act("seated", state(), null)).toBeNull();
});
