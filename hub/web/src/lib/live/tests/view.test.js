// The rules of view.ts.
import assert from "node:assert/strict";
import { test } from "vitest";

import { asked, comparePositions, differences, merge, newView, parsePosition, reaches, receive } from "../view.ts";

const EPOCH = "k3f9a2b7";
const at = (version, epoch = EPOCH) => `${epoch}:${version}`;
const held = (version, bookings = { 1: { guests: 2 } }) => ({
  position: at(version),
  data: { bookings },
  awaiting: null,
});
const update = (previous, position, bookings = {}) => ({
  op: "update",
  previous: at(previous),
  position: at(position),
  data: Object.keys(bookings).length > 0 ? { bookings } : {},
});
const subscribed = (position, recovered) => ({ op: "subscribed", position, recovered });

test("position is read as epoch and decimal version", () => {
  assert.deepEqual(parsePosition("k3f9a2b7:12"), { epoch: EPOCH, version: 12n });
  for (const text of [null, undefined, 7, "", "12", "k3f9a2b7:", "k3f9a2b7:-1", "k3f9a2b7:1.5", ":3"]) {
    assert.equal(parsePosition(text), null, String(text));
  }
});

test("positions compare as numbers and not as text", () => {
  assert.equal(comparePositions(at(9), at(10)), -1);
  assert.equal(comparePositions(at("0010"), at(10)), 0);
  assert.equal(comparePositions(at("9007199254740993"), at("9007199254740992")), 1);
});

test("positions of two epochs do not compare", () => {
  assert.equal(comparePositions(at(1), at(2, "other000")), null);
  assert.equal(reaches(at(5, "other000"), at(1)), false);
  assert.equal(reaches(null, at(1)), false);
});

test("merge puts absolute values in and leaves what it was given alone", () => {
  const before = { bookings: { 1: { guests: 2, status: "booked" }, 2: { guests: 4 } } };
  const copy = structuredClone(before);
  const after = merge(before, { bookings: { 1: { guests: 3 }, 5: { guests: 6 } } });
  assert.deepEqual(after, { bookings: { 1: { guests: 3 }, 2: { guests: 4 }, 5: { guests: 6 } } });
  assert.deepEqual(before, copy);
});

test("merge takes null as gone and an empty list as free all day", () => {
  const before = { tables: { 1: [["a", "b"]], 2: [["c", "d"]], 3: [["e", "f"]] } };
  assert.deepEqual(merge(before, { tables: { 1: null, 2: [] } }), { tables: { 3: [["e", "f"]] } });
  assert.deepEqual(merge(before, { tables: { 99: null } }), before);
});

test("merge takes what is no collection as a whole", () => {
  const before = { name: "Lia", shifts: [{ name: "Dinner" }], rules: { guests_max: 8 } };
  const after = merge(before, { name: "Lia 2", shifts: [], rules: { guests_max: 6 }, phone: "1" });
  assert.deepEqual(after, { name: "Lia 2", shifts: [], rules: { guests_max: 6 }, phone: "1" });
  assert.deepEqual(differences(before, after), { name: [], shifts: [], rules: ["guests_max"], phone: [] });
  assert.deepEqual(merge(after, { rules: null }), { name: "Lia 2", shifts: [], phone: "1" });
});

test("differences name what changed by collection and id", () => {
  const before = { tables: { 1: [["a", "b"]], 2: [["c", "d"]] } };
  const after = { tables: { 1: [["a", "b"]], 3: [["e", "f"]] } };
  assert.deepEqual(differences(before, after), { tables: ["2", "3"] });
  assert.deepEqual(differences(before, structuredClone(before)), {});
  assert.deepEqual(differences(null, after), { tables: ["1", "3"] });
});

test("update that continues is applied", () => {
  const { view, applied, ask, changed } = receive(held(7), update(7, 8, { 1: null, 2: { guests: 4 } }));
  assert.deepEqual([applied, ask], [true, false]);
  assert.deepEqual(view, { position: at(8), data: { bookings: { 2: { guests: 4 } } }, awaiting: null });
  assert.deepEqual(changed, { bookings: ["1", "2"] });
});

test("update without anything to show still moves the position", () => {
  const { view, changed } = receive(held(7), update(7, 8));
  assert.equal(view.position, at(8));
  assert.deepEqual(changed, {});
  assert.equal(receive(view, update(8, 9, { 2: { guests: 1 } })).applied, true);
});

test("duplicate and older updates are ignored", () => {
  for (const frame of [update(7, 8, { 1: null }), update(3, 5, { 1: null })]) {
    const { view, applied, ask } = receive(held(8), frame);
    assert.deepEqual([applied, ask], [false, false]);
    assert.deepEqual(view, held(8));
  }
});

test("overlapping update is applied", () => {
  const { view, applied } = receive(held(8), update(5, 11, { 1: { guests: 5 } }));
  assert.equal(applied, true);
  assert.deepEqual(view, held(11, { 1: { guests: 5 } }));
});

test("gap asks again and keeps what is held", () => {
  const { view, applied, ask } = receive(held(7), update(8, 9, { 1: null }));
  assert.deepEqual([applied, ask], [false, true]);
  assert.deepEqual(view, held(7));
});

test("burst after a gap asks once, and the recovering update closes it", () => {
  let view = asked(receive(held(7), update(8, 9)).view);
  const burst = receive(view, update(9, 10, { 4: { guests: 1 } }));
  assert.deepEqual([burst.applied, burst.ask], [false, false]);
  view = receive(burst.view, subscribed(at(10), true)).view;
  assert.equal(view.awaiting, "update");
  const end = receive(view, update(7, 10, { 4: { guests: 1 } }));
  assert.deepEqual(end.view, held(10, { 1: { guests: 2 }, 4: { guests: 1 } }));
});

test("update that continues is applied while an answer is pending", () => {
  const overtaken = receive(asked(held(7)), update(7, 8));
  assert.equal(overtaken.view.awaiting, "answer");
  assert.equal(receive(overtaken.view, subscribed(at(8), true)).view.awaiting, null);
  assert.equal(receive(overtaken.view, subscribed(at(9), true)).view.awaiting, "update");
});

test("recovered at the same position means that nothing happened", () => {
  const { view, applied } = receive(asked(held(7)), subscribed(at(7), true));
  assert.equal(applied, false);
  assert.deepEqual(view, held(7));
});

test("not recovered waits for the snapshot, which replaces", () => {
  const waiting = receive(asked(held(7)), subscribed(at(400), false)).view;
  assert.equal(waiting.awaiting, "snapshot");
  const between = receive(waiting, update(7, 8, { 1: null }));
  assert.deepEqual([between.applied, between.ask], [false, false]);
  const frame = { op: "snapshot", position: at(400), data: { bookings: { 9: { guests: 8 } } } };
  const { view, changed } = receive(between.view, frame);
  assert.deepEqual(view, held(400, { 9: { guests: 8 } }));
  assert.deepEqual(changed, { bookings: ["1", "9"] });
});

test("snapshot behind what is held replaces too", () => {
  const frame = { op: "snapshot", position: at(3), data: { bookings: {} } };
  assert.deepEqual(receive(held(7), frame).view, held(3, {}));
});

test("another epoch is neither ignored nor applied: it asks", () => {
  const frame = {
    op: "update",
    previous: at(1, "other000"),
    position: at(2, "other000"),
    data: { bookings: { 1: null } },
  };
  const { view, applied, ask } = receive(held(7), frame);
  assert.deepEqual([applied, ask], [false, true]);
  assert.deepEqual(view, held(7));
});

test("update whose previous is of another epoch asks", () => {
  const frame = { ...update(7, 8, { 1: null }), previous: at(7, "other000") };
  assert.equal(receive(held(7), frame).ask, true);
});

test("resync keeps what is shown, ignores updates, ends with a snapshot of a new epoch", () => {
  const waiting = receive(held(7), { op: "resync", reason: "epoch" }).view;
  assert.deepEqual(waiting.data, held(7).data);
  const late = receive(waiting, update(7, 8, { 1: null }));
  assert.deepEqual([late.applied, late.ask], [false, false]);
  const snapshot = { op: "snapshot", position: at(2, "other000"), data: { bookings: {} } };
  const { view } = receive(late.view, snapshot);
  assert.deepEqual(view, { position: at(2, "other000"), data: { bookings: {} }, awaiting: null });
  const next = { op: "update", previous: at(2, "other000"), position: at(3, "other000"), data: {} };
  assert.equal(receive(view, next).applied, true);
});

test("first watch holds nothing until its snapshot", () => {
  const waiting = asked(newView());
  const early = receive(waiting, update(1, 2, { 1: { guests: 1 } }));
  assert.deepEqual([early.applied, early.ask, early.view.data], [false, false, null]);
});

test("frames of one history end in one state, whatever is doubled, merged or lost", () => {
  // Every version sets one booking to its number; a lost frame is followed by what the hub then answers.
  const truth = (version) =>
    Object.fromEntries([0, 1, 2].map((id) => [id, { guests: version - ((version - id) % 3) }]));
  const span = (from, to) => {
    const bookings = {};
    for (let version = from + 1; version <= to; version++) bookings[version % 3] = { guests: version };
    return update(from, to, bookings);
  };
  let seed = 7;
  const random = (below) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 300; round++) {
    let view = held(10, truth(10));
    let head = 10;
    while (head < 40) {
      const from = Math.max(3, head - random(3));
      head += 1 + random(3);
      if (random(4) === 0) continue;
      const result = receive(view, span(from, head));
      view = result.view;
      if (result.ask) {
        const since = Number(parsePosition(view.position).version);
        view = receive(asked(view), subscribed(at(head), true)).view;
        view = receive(view, span(since, head)).view;
      }
      if (random(3) === 0) view = receive(view, span(from, head)).view;
      const version = Number(parsePosition(view.position).version);
      assert.deepEqual(view.data.bookings, truth(version));
    }
  }
});
