// The last act of a booking, as its history tells it, is shown as it would have been when it happened.
import { expect, test } from "vitest";
import type { WireAct } from "../../lib/api/wire.ts";
import { changeOfAct, changesBetween, isUnsettled, settled } from "./changes.ts";
import { booking, clock, DAY, floorOf } from "./tests/scene.ts";

const sits = booking(1, "19:00", { tables: [2], revision: 3, name: "Petrova" });
const state = (more: object = {}) => ({
  ...{ start_at: new Date(clock("19:00")).toISOString(), end_at: new Date(clock("21:00")).toISOString() },
  ...{ service_date: DAY, guests: 2, status: "booked", revision: 2, pinned: false, tables: [{ id: 2 }], ...more },
});
const act = (action: string, before: object | null, after: object | null) =>
  changeOfAct(sits, { action, before, after } as unknown as WireAct, DAY);

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

const NEXT = "2026-11-29";
const story = (...acts: [string, object | null, object | null][]) =>
  acts.map(([action, before, after]) => ({ action, before, after })) as unknown as WireAct[];
const [gone] = changesBetween(floorOf([sits]), floorOf([]));
const [back] = changesBetween(floorOf([]), floorOf([sits]));

test("who is on a day no more was canceled, or moved to another day, which is told", () => {
  const booked = ["booked", null, state()] as [string, null, object];
  const away = ["rescheduled", state(), state({ service_date: NEXT })] as [string, object, object];
  const kindOf = (...acts: Parameters<typeof story>) => {
    const { kind, day } = settled(gone as never, story(booked, ...acts), DAY).change;
    return [kind, day];
  };
  expect(kindOf(["canceled", state(), state({ status: "canceled" })])).toEqual(["canceled", null]);
  expect(kindOf(away)).toEqual(["moved_away", NEXT]);
  const there = state({ service_date: NEXT });
  expect(kindOf(away, ["canceled", there, state({ service_date: NEXT, status: "canceled" })])).toEqual([
    "moved_away",
    NEXT,
  ]);
  expect(kindOf(["undone", state({ status: "seated" }), null])).toEqual(["undone", null]);
  expect(kindOf()).toEqual(["gone", null]); // its history was read too early, or not at all
});

test("who comes from another day was not booked just now", () => {
  const here = ["rescheduled", state({ service_date: NEXT }), state()] as [string, object, object];
  expect(back && isUnsettled(back)).toBe(true);
  const { change, act: found } = settled(back as never, story(here, ["noted", state(), state()]), DAY);
  expect([change.kind, change.day, change.booking?.revision]).toEqual(["moved_here", NEXT, 3]);
  expect(found?.action).toBe("rescheduled");
  const fresh = changesBetween(floorOf([]), floorOf([booking(2, "19:00")]));
  expect(fresh.map(isUnsettled)).toEqual([false]);
});

test("what was moved away is known as it was just before, and whether that was a step that was taken back", () => {
  const away = (action: string) => {
    const acts = story([action, state({ revision: 7 }), state({ service_date: NEXT, revision: 8 })]);
    const { booking, isUndone } = settled(gone as never, acts, DAY).change;
    return [booking?.revision, isUndone];
  };
  expect(away("rescheduled")).toEqual([7, false]);
  expect(away("undone")).toEqual([7, true]);
});

test("acts of other days are none of this one", () => {
  const there = state({ service_date: NEXT });
  expect(act("reseated", there, there)).toBeNull();
  expect(act("rescheduled", there, state())?.kind).toBe("moved_here");
  expect(act("rescheduled", state(), there)?.day).toBe(NEXT);
});
