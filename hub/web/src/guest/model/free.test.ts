import { expect, test } from "vitest";
import { HOUR, MINUTE } from "../../lib/time/zone.ts";
import {
  isFree,
  mayHave,
  offersOf,
  offersTold,
  readRoom,
  readTaken,
  startsOf,
  turnOf,
  without,
  withoutHeld,
} from "./free.ts";

const at = (time: string) => Date.parse(`2026-11-28T${time}:00Z`);
const table = (name: string, seats: number) => ({ name, seats, area_id: null, place: null });
const room = readRoom({
  tables: { 1: table("T10", 2), 2: table("T9", 2), 3: table("Big", 6) },
  combinations: { 7: { name: "T10+T9", tables: [1, 2], min_guests: 3, max_guests: 4 } },
});
const shifts = [
  { date: "2026-11-28", name: "Dinner", opens: at("18:00"), lastSeating: at("21:00"), closes: at("23:00") },
];
const taken = readTaken({ tables: { 3: [["2026-11-28T19:00:00+00:00", "2026-11-28T21:00:00+00:00"]] } });
const day = { room, taken, shifts, stepMinutes: 60, notice: 0, isOffered: () => true };
const free = (guests: number, table: number | null, now = 0, more = {}) =>
  offersOf(
    startsOf({ ...day, ...more }, now),
    { ...day, ...more },
    { guests, turn: 2 * HOUR, table, oversize: null, own: null },
  )
    .filter((offer) => offer.isFree)
    .map(({ start }) => new Date(start).toISOString().slice(11, 16));

test("the smallest tables come first, by name as people count", () => {
  expect(room.tables.map(({ name }) => name)).toEqual(["T9", "T10", "Big"]);
});

test("a start is free where a table that is large enough is free for the whole time", () => {
  expect(free(6, null)).toEqual(["21:00"]);
  expect(free(2, null)).toEqual(["18:00", "19:00", "20:00", "21:00"]);
  expect(free(2, 3)).toEqual(["21:00"]);
  expect(free(8, null)).toEqual([]);
});

test("tables that are pushed together take a party, but not where a table was chosen", () => {
  expect(free(4, null)).toEqual(["18:00", "19:00", "20:00", "21:00"]);
  expect(free(4, null, 0, { taken: new Map([...taken, [1, [{ start: at("20:30"), end: at("22:00") }]]]) })).toEqual([
    "18:00",
    "21:00",
  ]);
  expect(free(4, 1)).toEqual([]);
});

test("what is past, or too soon, is not offered", () => {
  const starts = (now: string, notice = 0) => startsOf({ ...day, notice }, at(now));
  expect(starts("18:59")).toEqual([at("19:00"), at("20:00"), at("21:00")]);
  expect(starts("19:00")).toEqual([at("20:00"), at("21:00")]);
  expect(starts("19:00", 60)).toEqual([at("21:00")]);
});

test("what ends as another begins is no overlap", () => {
  expect(isFree(taken, 3, { start: at("21:00"), end: at("22:00") })).toBe(true);
  expect(isFree(taken, 3, { start: at("20:59"), end: at("22:00") })).toBe(false);
  expect(isFree(taken, 1, { start: at("20:59"), end: at("22:00") })).toBe(true);
});

test("one's own booking stands in nobody's way", () => {
  const own = without(taken, { start: at("19:00"), end: at("21:00") });
  expect(isFree(own, 3, { start: at("19:30"), end: at("21:30") })).toBe(true);
});

test("a turn is by the size of the party", () => {
  const turns = [
    { guests_up_to: 4, minutes: 90 },
    { guests_up_to: 20, minutes: 120 },
  ];
  expect([1, 4, 5, 40].map((guests) => turnOf(turns, guests) / MINUTE)).toEqual([90, 90, 120, 120]);
});

test("a start that the hub does not have is none of ours", () => {
  expect(free(2, null, 0, { isOffered: (start: number) => start !== at("19:00") })).toEqual([
    "18:00",
    "20:00",
    "21:00",
  ]);
});

test("a party is offered no table of more seats than it may have, but the one that it has", () => {
  const own = { start: at("19:00"), end: at("21:00"), guests: 6, tables: [3], isPinned: false };
  const offered = (guests: number, oversize: number | null, table: number | null = null) =>
    offersOf(startsOf(day, 0), day, { guests, turn: 2 * HOUR, table, oversize, own })
      .filter((offer) => offer.isFree)
      .map(({ start }) => new Date(start).toISOString().slice(11, 13));
  expect(offered(5, null)).toEqual(["21"]);
  expect(offered(5, 1)).toEqual(["21"]);
  expect(offered(5, 0)).toEqual([]);
  expect(offered(5, 0, 3)).toEqual(["21"]); // by its name: where any will do, the hub takes none that is so large
  expect(offered(3, 1)).toEqual(["18", "19", "20", "21"]); // the two that are pushed together
  expect(offered(3, 0)).toEqual([]);
});

test("a party that sits closer than its table is made for may keep it, but not become more", () => {
  const own = { start: at("19:00"), end: at("21:00"), guests: 3, tables: [1], isPinned: false };
  const offered = (guests: number, table: number | null) =>
    offersOf(startsOf(day, 0), day, { guests, turn: 2 * HOUR, table, oversize: 0, own }).filter((offer) => offer.isFree)
      .length;
  expect([2, 3, 4].map((guests) => offered(guests, 1))).toEqual([4, 4, 0]);
  expect(offered(3, 2)).toBe(0); // it is theirs alone that they may keep
  expect(offered(3, null)).toBe(0);
  const may = (id: number, guests: number) => mayHave({ id, seats: 2 }, { guests, oversize: null, own });
  expect([may(1, 3), may(1, 4), may(2, 3)]).toEqual([true, false, false]);
});

test("a party at several tables may keep them all together, though they are too small for it", () => {
  const own = { start: at("19:00"), end: at("21:00"), guests: 9, tables: [1, 3], isPinned: false };
  const offered = (guests: number, table: number | null) =>
    offersOf(startsOf(day, 0), day, { guests, turn: 2 * HOUR, table, oversize: null, own })
      .filter((offer) => offer.isFree)
      .map(({ start }) => new Date(start).toISOString().slice(11, 13));
  expect(offered(9, null)).toEqual(["21"]); // until then somebody else has one of them
  expect(offered(10, null)).toEqual([]);
  expect(offered(9, 3)).toEqual([]);
});

test("what is held for this form stands in nobody's way, and what is taken beside it does", () => {
  const span = { start: at("19:00"), end: at("21:00") };
  const both = new Map([...taken, [1, [span]]]);
  const rest = withoutHeld(both, { ...span, tables: [1, 2] });
  expect([1, 3].map((id) => isFree(rest, id, span))).toEqual([true, false]);
  expect(isFree(both, 1, span)).toBe(false);
});

test("a booking that is pinned has to keep its tables where no other is named", () => {
  const two = { start: at("19:00"), end: at("21:00"), guests: 4, tables: [1, 2], isPinned: true };
  const one = { ...two, guests: 2, tables: [1] };
  const busy = new Map([...taken, [1, [{ start: at("21:00"), end: at("23:00") }]]]);
  const offered = (own: typeof two, guests: number, table: number | null) =>
    offersOf(startsOf(day, 0), { room, taken: busy }, { guests, turn: 2 * HOUR, table, oversize: null, own })
      .filter((offer) => offer.isFree)
      .map(({ start }) => new Date(start).toISOString().slice(11, 13));
  expect(offered(one, 2, null)).toEqual(["18", "19"]);
  expect(offered(one, 2, 2)).toEqual(["18", "19", "20", "21"]);
  expect(offered(one, 3, null)).toEqual([]);
  expect(offered(two, 4, null)).toEqual(["18", "19"]);
  expect(offered(two, 3, null)).toEqual(["18", "19"]);
  expect(offered(two, 5, null)).toEqual([]);
  expect(offered({ ...two, tables: [1, 3] }, 5, null)).toEqual([]); // nobody declared that they are pushed together
});

test("what visitors are told of a day is in the order of time, and for their number", () => {
  const start = (time: string, guests: number[]) => ({
    ...{
      start_at: `2026-11-${time}:00+00:00`,
      guests,
      state: guests.length > 0 ? ("free" as const) : ("full" as const),
    },
  });
  const starts = {
    "00:30": start("29T00:30", [2]),
    "18:00": start("28T18:00", [1, 2]),
    "18:15": start("28T18:15", []),
  };
  const told = (guests: number, earliest = 0) =>
    offersTold({ starts }, guests, earliest).map((offer) => [
      new Date(offer.start).toISOString().slice(11, 16),
      offer.isFree,
    ]);
  expect(told(2)).toEqual([
    ["18:00", true],
    ["18:15", false],
    ["00:30", true],
  ]);
  expect(told(1, at("18:00"))).toEqual([
    ["18:15", false],
    ["00:30", false],
  ]);
});
