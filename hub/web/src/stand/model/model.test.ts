import { expect, test } from "vitest";
import type { WireBooking } from "../../lib/api/wire.ts";
import { axisOf, barsOf, groupsOf, keptBars, shareOf, snap } from "./bars.ts";
import { changesBetween } from "./changes.ts";
import { freeBySize, freeUntil, offersOf, seatsFor, takenOf } from "./free.ts";
import { arrivals, atTable, countsOf, matches, seated, waiting } from "./lists.ts";
import { mayUndo, spanOf } from "./phase.ts";
import { readFloor, readRoom, turnOf } from "./read.ts";
import { booking, clock, floorOf, room, rules, shift, waits } from "./tests/scene.ts";
import type { Waiting } from "./types.ts";

const block = { id: 9, tables: [3], start: clock("19:00"), end: clock("20:00"), reason: "leg broken" };

test("a bar goes from seated or promised until they left, are to leave, or still sit", () => {
  const sits = booking(1, "19:00", { status: "seated", seatedAt: clock("19:10") });
  expect(spanOf(sits, clock("20:00"))).toEqual({ start: clock("19:10"), end: clock("21:00") });
  expect(spanOf(sits, clock("21:20")).end).toBe(clock("21:20"));
  const left = { ...sits, status: "finished" as const, leftAt: clock("20:30") };
  expect(spanOf(left, clock("22:00")).end).toBe(clock("20:30"));
});

test("lists are in the order in which a host needs them", () => {
  const floor = floorOf([
    booking(1, "20:00"),
    booking(2, "19:30"),
    booking(3, "19:45", { status: "arrived" }),
    booking(4, "18:00", { status: "seated" }),
    booking(5, "18:30", { status: "seated", end: clock("19:50") }),
  ]);
  expect(arrivals(floor).map(({ id }) => id)).toEqual([3, 2, 1]);
  expect(seated(floor).map(({ id }) => id)).toEqual([5, 4]);
  expect(waiting(floorOf([], { waitlist: new Map([waits(1, 2), waits(2, 1)]) })).map(({ id }) => id)).toEqual([2, 1]);
});

test("numbers of the day", () => {
  const floor = floorOf(
    [
      booking(1, "19:00", { guests: 3 }),
      booking(2, "20:00", { guests: 4, status: "seated" }),
      booking(3, "18:00", { guests: 5, status: "finished" }),
      booking(4, "18:00", { guests: 6, status: "no_show" }),
    ],
    { waitlist: new Map([waits(1, 1)]) },
  );
  expect(countsOf(floor, clock("19:30"))).toEqual({ covers: 12, seated: 4, toCome: 3, late: 1, waiting: 1 });
});

test("who has a table, and who is next", () => {
  const floor = floorOf([booking(1, "18:00", { status: "seated" }), booking(2, "21:00"), booking(3, "20:00")]);
  const { present, next } = atTable(floor, 1, clock("19:00"));
  expect([present?.id, next?.id]).toEqual([1, 3]);
});

test("search by name, digits of a phone number, reference", () => {
  const found = booking(1, "19:00", { name: "שרה כהן", phone: "+351 912 345 678", reference: "3F7K92QD" });
  for (const words of ["כהן", "912345", "345 678", "3f7k"]) expect(matches(found, words)).toBe(true);
  for (const words of ["", "  ", "99", "zzz", "9999"]) expect(matches(found, words)).toBe(false);
  const waiter = { name: "Wim", phone: null };
  expect(["wi", "3f7k", "123"].map((words) => matches(waiter, words))).toEqual([true, false, false]);
});

test("the axis has whole hours and shows all", () => {
  const now = clock("20:00");
  expect(axisOf([shift], floorOf([]), now)).toEqual({ start: clock("18:00"), end: clock("23:30") + 1_800_000 });
  expect(axisOf([shift], floorOf([booking(1, "17:30")]), now).start).toBe(clock("17:00"));
  expect(axisOf([], floorOf([]), clock("20:20")).start).toBe(clock("20:00"));
  // Beside who is over their time there is room for their name.
  const over = booking(1, "20:00", { status: "seated", end: clock("22:00") });
  expect(axisOf([shift], floorOf([over]), clock("23:00")).end).toBe(clock("23:00") + 7_200_000);
  expect(shareOf({ start: 0, end: 10 }, 5)).toBe(0.5);
  expect(snap(clock("19:44"), 15)).toBe(clock("19:30"));
});

test("areas in their order, tables by their number, and a table that is gone while a booking names it", () => {
  const groups = groupsOf(room, floorOf([booking(1, "19:00", { tables: [77] })]));
  expect(groups.map(({ name, tables }) => [name, tables.map((each) => each.name)])).toEqual([
    ["Terrace", ["T2-1", "T2-2"]],
    ["Main", ["T4-1", "T10-1"]],
    ["", ["№ 77"]],
  ]);
});

test("a joined booking has a bar in each row, blocks and holds too, and an expired hold none", () => {
  const hold = {
    id: 5,
    tables: [4],
    start: clock("20:00"),
    end: clock("22:00"),
    guests: 2,
    expires: clock("19:05"),
    by: null,
  };
  const floor = floorOf([booking(1, "19:00", { tables: [1, 2] })], {
    blocks: new Map([[9, block]]),
    holds: new Map([[5, hold]]),
  });
  const before = barsOf(floor, clock("19:00"));
  expect([1, 2].map((table) => before.get(table)?.[0]?.isFurther)).toEqual([false, true]);
  expect([3, 4].map((table) => before.get(table)?.[0]?.kind)).toEqual(["block", "hold"]);
  expect(barsOf(floor, clock("19:06")).has(4)).toBe(false);
});

test("bars that overlap stand in lanes, and those that touch do not", () => {
  const floor = floorOf([
    booking(1, "19:00", { status: "no_show" }),
    booking(2, "19:30"),
    booking(3, "21:30"),
    booking(4, "20:00", { status: "finished", leftAt: clock("20:30") }),
  ]);
  const lanes = barsOf(floor, clock("19:20"))
    .get(1)
    ?.map(({ id, lane, lanes }) => [id, lane, lanes]);
  expect(lanes).toEqual([
    [1, 0, 3],
    [2, 1, 3],
    [4, 2, 3],
    [3, 0, 1],
  ]);
});

test("until when a table is free", () => {
  const taken = takenOf(floorOf([booking(1, "19:00"), booking(2, "21:30")]), clock("18:00"));
  expect(freeUntil(taken, 1, clock("18:10"))).toBe(clock("19:00"));
  expect(freeUntil(taken, 1, clock("19:10"))).toBe(clock("19:10"));
  expect(freeUntil(taken, 2, clock("19:10"))).toBe(null);
});

test("free times name the smallest table that fits, or the tables that join", () => {
  const floor = floorOf([booking(1, "18:00", { tables: [3], guests: 4 }), booking(2, "20:00", { tables: [4] })]);
  const day = { room, floor, shifts: [shift], rules };
  const offers = offersOf(day, 4, clock("18:20"));
  expect(offers[0]?.start).toBe(clock("18:30"));
  expect(offers[0]?.unit?.name).toBe("T2-1+T2-2");
  expect(offers.find(({ start }) => start === clock("20:00"))?.unit?.name).toBe("T4-1");
  expect(offers.at(-1)?.start).toBe(clock("21:30"));
  expect(offersOf(day, 6, clock("18:20")).find(({ start }) => start === clock("19:00"))?.unit).toBe(null);
  expect(offersOf(day, 2, clock("18:20"), 4).find(({ start }) => start === clock("19:00"))?.unit).toBe(null);
});

test("a time at which only what somebody is choosing is in the way says so", () => {
  const hold = { id: 5, tables: [4], start: clock("19:00"), end: clock("21:00"), guests: 6, by: null };
  const floor = floorOf([booking(1, "21:00", { tables: [4] })], {
    holds: new Map([[5, { ...hold, expires: clock("18:25") }]]),
  });
  const at = (time: string, now = clock("18:20")) => {
    const offers = offersOf({ room, floor, shifts: [shift], rules }, 6, now);
    const found = offers.find(({ start }) => start === clock(time));
    return [found?.unit?.name ?? null, found?.isHeld];
  };
  expect(at("19:00")).toEqual([null, true]);
  expect(at("19:15")).toEqual([null, false]);
  expect(at("19:00", clock("18:26"))).toEqual(["T10-1", false]);
});

test("tables by size that are free now or soon", () => {
  const sits = booking(1, "18:00", { status: "seated", end: clock("20:10") });
  const free = (count: number, until: number | null = null) => ({ count, until });
  const bySize = (bookings: Parameters<typeof floorOf>[0]) =>
    freeBySize(room, floorOf(bookings), rules, clock("20:00"))[0];
  expect(bySize([sits])).toEqual({ seats: 2, now: free(1), in15: free(2), in30: free(2) });
  // Where none is free for a whole turn, it is said until when the one is that is free longest.
  const next = [1, 2].map((table) => booking(10 + table, `20:${20 * table}`, { tables: [table] }));
  const at40 = clock("20:40");
  expect(bySize(next)).toEqual({ seats: 2, now: free(2, at40), in15: free(1, at40), in30: free(0) });
});

test("whole stays stand first, then the shorter ones, the longest first; what is kept is last, what is wanted first", () => {
  const stay = { start: clock("20:00"), end: clock("22:00") };
  const hold = { id: 5, tables: [4], start: clock("19:00"), end: clock("22:00"), guests: 2, by: null };
  const floor = floorOf([booking(1, "20:16"), booking(2, "21:00", { tables: [2] })], {
    holds: new Map([[5, { ...hold, expires: clock("20:05") }]]),
  });
  const seats = (more: object = {}, guests = 2) =>
    seatsFor(room, takenOf(floor, clock("20:00")), guests, { ...stay, ...more }).map(({ name, until, isHeld }) =>
      [name, until === null ? "" : new Date(until).toISOString().slice(11, 16), isHeld ? "kept" : ""].join(" ").trim(),
    );
  expect(seats()).toEqual(["T4-1", "T2-2 21:00", "T2-1 20:16", "T10-1  kept"]);
  expect(seats({ table: 1 })[0]).toBe("T2-1 20:16");
  expect(seats({ area: 10 })).toEqual(["T2-2 21:00", "T2-1 20:16"]);
  expect(seats({ least: clock("20:30") })).toEqual(["T4-1", "T2-2 21:00", "T10-1  kept"]);
  // A quarter of an hour is the least, of all tables that are joined.
  expect(seats({}, 3)).toEqual(["T4-1", "T2-1+T2-2 20:16", "T10-1  kept"]);
  expect(seats({ start: clock("20:02") })).toEqual(["T4-1", "T2-2 21:00", "T10-1  kept"]);
});

test("a turn is as long as the party's size says", () => {
  const turns = [
    { upTo: 4, minutes: 90 },
    { upTo: 8, minutes: 150 },
  ];
  expect([2, 4, 5, 12].map((guests) => turnOf({ step: 15, turns }, guests) / 60_000)).toEqual([90, 90, 150, 150]);
});

test("a step may be undone until then", () => {
  const undo = { action: "seat", until: clock("19:05"), swapWith: null, day: null };
  expect(mayUndo(booking(1, "19:00", { undo }), clock("19:04"))).toBe(true);
  expect(mayUndo(booking(1, "19:00", { undo }), clock("19:05"))).toBe(false);
});

test("each change is named once", () => {
  const first = booking(1, "19:00");
  const after = (more: Parameters<typeof booking>[2]) => floorOf([{ ...first, revision: 2, ...more }]);
  const kinds = (next: ReturnType<typeof floorOf>) => changesBetween(floorOf([first]), next).map(({ kind }) => kind);
  expect(kinds(after({ status: "seated" }))).toEqual(["seated"]);
  expect(kinds(after({ status: "no_show" }))).toEqual(["no_show"]);
  expect(kinds(after({ start: clock("20:00") }))).toEqual(["rescheduled"]);
  expect(kinds(after({ end: clock("21:15") }))).toEqual(["extended"]);
  expect(kinds(after({ tables: [2] }))).toEqual(["moved"]);
  expect(kinds(after({ guests: 3 }))).toEqual(["resized"]);
  expect(kinds(after({ note: "nuts" }))).toEqual(["noted"]);
  expect(kinds(after({}))).toEqual([]);
  expect(kinds(floorOf([]))).toEqual(["gone"]); // why it is, its history tells
  const slip = booking(4, "19:00", { status: "seated", channel: "walk-in" });
  expect(changesBetween(floorOf([slip]), floorOf([])).map(({ kind }) => kind)).toEqual(["undone"]);
  expect(kinds(floorOf([first, booking(2, "20:00"), booking(3, "20:00", { status: "seated" })]))).toEqual([
    "booked",
    "walked_in",
  ]);
  const seen = floorOf([{ ...first, status: "seated" }]);
  expect(changesBetween(seen, after({ status: "booked" })).map(({ kind }) => kind)).toEqual(["undone"]);
  const busy = floorOf([], { blocks: new Map([[9, block]]), waitlist: new Map([waits(1, 1)]) });
  expect(changesBetween(floorOf([]), busy).map(({ kind }) => kind)).toEqual(["blocked", "waits"]);
  expect(changesBetween(busy, floorOf([])).map(({ kind }) => kind)).toEqual(["unblocked", "wait_left"]);
});

test("a change of who waits is named once, and is of the party alone that was meant", () => {
  const [id, first] = waits(1, 1);
  const list = (more: Partial<Waiting>) => floorOf([], { waitlist: new Map([[id, { ...first, ...more }]]) });
  const kinds = (was: Partial<Waiting>, is: Partial<Waiting>) =>
    changesBetween(list(was), list({ revision: first.revision + 1, ...is })).map(({ kind }) => kind);
  expect(kinds({}, { status: "ready" })).toEqual(["wait_ready"]);
  expect(kinds({ status: "ready" }, { status: "here" })).toEqual(["wait_here"]);
  expect(kinds({ status: "here" }, { status: "ready" })).toEqual(["wait_undone"]);
  expect(kinds({}, { place: 3 })).toEqual(["wait_moved"]);
  for (const other of [{ guests: 9 }, { name: "Jones" }, { phone: "+351" }])
    expect(kinds({}, other)).toEqual(["wait_corrected"]);
  expect(kinds({}, { place: 3, revision: first.revision })).toEqual([]);
  expect(kinds({}, { quotedUntil: 1, revision: first.revision })).toEqual([]);
  const sits = booking(5, "19:00", { status: "seated", channel: "waitlist", guestId: 8 });
  const seatedNow = changesBetween(list({ guestId: 8 }), floorOf([sits]));
  expect(seatedNow.map(({ kind }) => kind)).toEqual(["walked_in"]);
});

test("the wire is read: instants become numbers, and what is not there is quiet", () => {
  const none = { note: null, house_note: null, occasion: null, arrived_at: null, seated_at: null, left_at: null };
  const wire: WireBooking = {
    ...{ table_id: 3, start_at: "2026-11-28T19:00:00+00:00", end_at: "2026-11-28T21:00:00+00:00", guests: 2 },
    ...{ tables: [3, 4], status: "booked", guest_id: 5, guest_name: "Ana", phone_number: null, channel: "phone" },
    guest_notes: [{ id: 3, kind: "dietary" }],
    ...{ ...none, needs: [], pinned: true, reference: "3F7K92QD", revision: 4 },
    undo: { action: "arrive", until: "2026-11-28T19:10:00+00:00", swap_with: null, service_date: null },
  };
  const floor = readFloor({ bookings: { "7": wire }, blocks: {}, holds: {}, waitlist: {} });
  const undo = { action: "arrive", until: clock("19:10"), swapWith: null, day: null };
  expect(floor.bookings.get(7)).toEqual(
    booking(7, "19:00", {
      ...{ tables: [3, 4], name: "Ana", guestId: 5, channel: "phone", reference: "3F7K92QD" },
      guestNotes: [{ id: 3, kind: "dietary" }],
      ...{ pinned: true, revision: 4, end: clock("21:00"), undo },
    }),
  );
  const areas = { "1": { name: "Main", rank: 2 } };
  const table = { name: "A", seats: 2, area_id: 1, place: null };
  const room = readRoom({ tables: { "3": table }, areas, combinations: {} });
  expect(room.tables.get(3)).toEqual({ id: 3, name: "A", seats: 2, areaId: 1, place: null });
});

test("bars that are the same are the same object, and so is a row of them", () => {
  const [one, two] = [booking(1, "19:00"), booking(2, "20:00", { tables: [2] })];
  const before = barsOf(floorOf([one, two]), clock("18:00"));
  const later = keptBars(before, barsOf(floorOf([one, { ...two, end: two.end + 60_000 }]), clock("18:00")));
  expect(later.get(1)).toBe(before.get(1));
  expect(later.get(2)).not.toBe(before.get(2));
  expect(later.get(2)?.[0]?.end).toBe(two.end + 60_000);
});

test("what is kept at its table, and what is not any more, is told", () => {
  const one = booking(1, "19:00");
  const kept = { ...one, pinned: true, revision: 2 };
  expect(changesBetween(floorOf([one]), floorOf([kept])).map(({ kind }) => kind)).toEqual(["pinned"]);
  expect(changesBetween(floorOf([kept]), floorOf([one])).map(({ kind }) => kind)).toEqual(["unpinned"]);
});

test("two that changed tables are told in one line, each that moved on in its own", () => {
  const [one, two] = [booking(1, "19:00"), booking(2, "20:00", { tables: [2] })];
  const undo = (swapWith: number) => ({ action: "move", until: clock("19:10"), swapWith, day: null });
  const moved = { ...one, tables: [2], revision: 2, undo: undo(2) };
  const other = { ...two, tables: [1], revision: 2, undo: undo(1) };
  const [change, ...more] = changesBetween(floorOf([one, two]), floorOf([moved, other]));
  expect([change?.kind, change?.booking?.id, change?.other?.id, more]).toEqual(["swapped", 1, 2, []]);
  const alone = changesBetween(floorOf([one, two]), floorOf([moved, two]));
  expect(alone.map(({ kind, other }) => [kind, other])).toEqual([["swapped", null]]);
});
