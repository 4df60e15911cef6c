import { expect, test } from "vitest";
import { dropOf, type Target } from "./drop.ts";
import { unitsFor } from "./free.ts";
import { booking, clock, floorOf, room, shift } from "./tests/scene.ts";
import type { Booking } from "./types.ts";

const now = clock("18:30");

function drop(moved: Booking, target: Partial<Target>, others: Booking[] = [], at = now) {
  const full = { table: moved.tables[0] ?? 0, start: moved.start, onto: null, beside: null, ...target };
  return dropOf({ floor: floorOf([moved, ...others]), room, shifts: [shift], now: at }, moved, full);
}

test("where it was it stays", () => {
  expect(drop(booking(1, "19:00"), {})).toEqual({ act: "nothing" });
});

test("another table, another time, or both", () => {
  const [start, end] = [clock("19:00"), clock("21:00")];
  const move = { act: "move", tables: [2], start, end, joined: null, short: 0 };
  expect(drop(booking(1, "19:00"), { table: 2 })).toEqual(move);
  expect(drop(booking(1, "19:00"), { start: clock("20:00") })).toMatchObject({ act: "move", end: clock("22:00") });
});

test("why not: taken, closed, past, over", () => {
  const other = booking(2, "20:00", { tables: [2] });
  const by = { kind: "booking", id: 2 };
  const later = { table: 2, start: clock("19:15") };
  expect(drop(booking(1, "19:00"), later, [other])).toEqual({ act: "refused", why: "taken", by });
  expect(drop(booking(1, "19:00"), { start: clock("22:00") })).toMatchObject({ why: "closed" });
  expect(drop(booking(1, "19:00"), { start: clock("18:15") })).toMatchObject({ why: "past" });
  expect(drop(booking(1, "19:00", { status: "finished" }), { table: 2 })).toMatchObject({ why: "over" });
});

test("a party too large for the table gets the tables it joins to, if those are free", () => {
  const four = booking(1, "19:00", { tables: [3], guests: 4 });
  expect(drop(four, { table: 1 })).toMatchObject({ act: "move", tables: [1, 2], joined: "T2-1+T2-2" });
  const other = booking(2, "19:30", { tables: [2] });
  const by = { kind: "booking", id: 2 };
  expect(drop(four, { table: 1 }, [other])).toMatchObject({ act: "move", tables: [1], joined: null, short: 2 });
  expect(drop(four, { table: 2 }, [other])).toEqual({ act: "refused", why: "taken", by });
  expect(drop(four, { table: 1, beside: 2 }, [other])).toEqual({ act: "refused", why: "taken", by });
  const five = booking(1, "19:00", { tables: [4], guests: 5 });
  expect(drop(five, { table: 1 })).toMatchObject({ act: "move", tables: [1], joined: null, short: 3 });
  const three = booking(1, "19:00", { tables: [3], guests: 3 });
  expect(drop(three, { table: 2, beside: 1 })).toMatchObject({ act: "move", tables: [1, 2] });
});

test("a table that is too small says by how many, and stays refused where it is taken or the booking kept", () => {
  const five = booking(1, "19:00", { tables: [4], guests: 5 });
  expect(drop(five, { table: 3, start: clock("20:00") })).toMatchObject({ act: "move", tables: [3], short: 1 });
  const other = booking(2, "20:00", { tables: [3] });
  expect(drop(five, { table: 3 }, [other])).toMatchObject({ act: "refused", why: "taken" });
  expect(drop({ ...five, pinned: true }, { table: 3 })).toMatchObject({ act: "refused", why: "pinned" });
});

test("who sits closer than their tables are made for keeps them at another time", () => {
  const tight = booking(1, "19:00", { tables: [1, 2], guests: 5 });
  expect(drop(tight, { table: 2, start: clock("20:00") })).toMatchObject({ act: "move", tables: [1, 2], short: 0 });
});

test("a joined booking keeps its tables when only its time changes", () => {
  const joined = booking(1, "19:00", { tables: [1, 2], guests: 4 });
  expect(drop(joined, { table: 2, start: clock("20:00") })).toMatchObject({ act: "move", tables: [1, 2] });
});

test("another time and other tables at once, also where several are left or taken", () => {
  const [start, end] = [clock("20:00"), clock("22:00")];
  const four = booking(1, "19:00", { tables: [3], guests: 4 });
  const joined = "T2-1+T2-2";
  expect(drop(four, { table: 2, start })).toEqual({ act: "move", tables: [1, 2], start, end, joined, short: 0 });
  const pair = booking(1, "19:00", { tables: [1, 2], guests: 4 });
  expect(drop(pair, { table: 3, start })).toEqual({ act: "move", tables: [3], start, end, joined: null, short: 0 });
  const other = booking(2, "21:00", { tables: [2] });
  expect(drop(four, { table: 1, start }, [other])).toMatchObject({ act: "move", tables: [1], short: 2 });
  expect(drop(four, { table: 2, start }, [other])).toMatchObject({ act: "refused", why: "taken" });
  expect(drop(four, { table: 1, start: clock("18:45") }, [other])).toMatchObject({ act: "move", tables: [1, 2] });
});

test("tables that the house put together are for as many as they have seats", () => {
  const six = booking(1, "19:00", { tables: [1, 3], guests: 6 });
  expect(drop(six, { table: 3, start: clock("20:00") })).toMatchObject({ act: "move", tables: [1, 3] });
});

test("the units of a party come in the hub's order: smallest first, of fewer tables first, then by id", () => {
  const many = {
    ...room,
    combinations: [
      { id: 7, name: "three", tables: [1, 2, 3], min: 3, max: 8 },
      { id: 9, name: "later", tables: [2, 3], min: 3, max: 8 },
      { id: 8, name: "earlier", tables: [1, 3], min: 3, max: 8 },
      { id: 6, name: "small", tables: [1, 2], min: 3, max: 4 },
      { id: 5, name: "gone", tables: [1, 99], min: 1, max: 4 },
    ],
  };
  expect(unitsFor(many, 4).map(({ name }) => name)).toEqual(["T4-1", "T10-1", "small", "earlier", "later", "three"]);
});

test("what is kept at its table moves in time alone", () => {
  const kept = booking(1, "19:00", { pinned: true });
  expect(drop(kept, { table: 2 })).toMatchObject({ act: "refused", why: "pinned" });
  expect(drop(kept, { table: 2, start: clock("20:00") })).toMatchObject({ act: "refused", why: "pinned" });
  expect(drop(kept, { start: clock("20:00") })).toMatchObject({ act: "move", tables: [1] });
  const two = booking(2, "19:00", { tables: [2] });
  expect(drop(kept, { table: 2, onto: 2 }, [two])).toMatchObject({ act: "refused", why: "pinned" });
  expect(drop(two, { table: 1, onto: 1 }, [kept])).toMatchObject({ act: "refused", why: "swap_pinned" });
});

test("a party whose time is over goes to no other time", () => {
  const here = booking(1, "18:00", { status: "arrived", end: clock("18:20") });
  expect(drop(here, { start: clock("20:00") })).toMatchObject({ act: "refused", why: "over" });
});

test("who sits moves now and not in time; what was before does not matter", () => {
  const sits = booking(1, "18:00", { status: "seated", seatedAt: clock("18:00") });
  const before = booking(2, "18:00", { tables: [2], status: "finished", leftAt: clock("18:20") });
  expect(drop(sits, { table: 2, start: clock("20:00") }, [before])).toMatchObject({
    act: "move",
    start: clock("18:00"),
  });
});

test("dropped on another, the two change places where both fit and nobody else is in the way", () => {
  const one = booking(1, "19:00");
  const two = booking(2, "19:00", { tables: [2] });
  expect(drop(one, { table: 2, onto: 2 }, [two])).toEqual({ act: "swap", with: 2, tables: [2] });
  expect(drop(one, { table: 2, onto: 2, start: clock("20:00") }, [two])).toMatchObject({ act: "swap", with: 2 });
  const large = booking(2, "19:00", { tables: [3], guests: 4 });
  expect(drop(one, { table: 3, onto: 2 }, [large])).toMatchObject({ act: "refused", why: "swap_small" });
  const later = booking(2, "20:30", { tables: [2] });
  const third = booking(3, "21:30", { tables: [1] });
  expect(drop(one, { table: 2, onto: 2 }, [later, third])).toMatchObject({ act: "refused", why: "swap_taken" });
  // Beside the other's bar it is the same, where their times overlap and that is possible.
  expect(drop(one, { table: 2 }, [later])).toEqual({ act: "swap", with: 2, tables: [2] });
  const by = { kind: "booking", id: 2 };
  expect(drop(one, { table: 2 }, [later, third])).toEqual({ act: "refused", why: "taken", by });
  expect(drop(one, { table: 3 }, [large])).toEqual({ act: "refused", why: "taken", by });
  const joined = booking(2, "19:00", { tables: [2] });
  const four = booking(4, "19:00", { tables: [3], guests: 4 });
  expect(drop(four, { table: 1, beside: 2 }, [joined])).toEqual({ act: "refused", why: "taken", by });
  expect(drop(one, { onto: 1 })).toEqual({ act: "nothing" });
  const gone = booking(2, "19:00", { tables: [2], status: "no_show" });
  expect(drop(one, { table: 2, onto: 2 }, [gone])).toMatchObject({ act: "move", tables: [2] });
});
