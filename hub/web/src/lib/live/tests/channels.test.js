// What client.ts does with the frames of its channels.
import assert from "node:assert/strict";

import { at, begin, bookings, FLOOR, TABLES, TICK_MS, test } from "./wire.js";

const joined = (t, options) => {
  const scene = begin(t, options);
  scene.bring(at(7), bookings({ 1: 2 }));
  scene.events.length = 0;
  return scene;
};
const refusals = (scene) => scene.events.map(({ kind, channel, error }) => [kind, channel, error.code]);
const asks = (scene) => scene.hub.all("subscribe").flatMap(({ channels }) => Object.entries(channels));

test("watcher is told of the snapshot and of each update, with what changed", (t) => {
  const scene = begin(t);
  scene.bring(at(7), bookings({ 1: 2 }));
  scene.update(FLOOR, at(7), at(8), { bookings: { 1: null, 2: { guests: 4 } } });
  const told = scene.events.map(({ kind, position, data, changed }) => [kind, position, data, changed]);
  assert.deepEqual(told, [
    ["snapshot", at(7), bookings({ 1: 2 }), { bookings: ["1"] }],
    ["update", at(8), bookings({ 2: 4 }), { bookings: ["1", "2"] }],
  ]);
});

test("second watcher gets what is held at once, and only the last to go unsubscribes", (t) => {
  const scene = joined(t);
  const seen = [];
  const callback = (event) => seen.push([event.kind, event.position]);
  scene.live.watch(FLOOR, callback);
  assert.deepEqual(seen, [["held", at(7)]]);
  assert.deepEqual(asks(scene), []);
  scene.live.unwatch(FLOOR, callback);
  assert.equal(scene.hub.last("unsubscribe"), undefined);
  scene.live.unwatch(FLOOR);
  assert.equal(scene.hub.last("unsubscribe").channel, FLOOR);
});

test("gap asks once with what is held, is not live meanwhile, and ends with the update that recovers", (t) => {
  const scene = joined(t);
  scene.update(FLOOR, at(8), at(9), bookings({ 1: 9 }));
  assert.equal(scene.states.at(-1), "connecting");
  scene.update(FLOOR, at(9), at(10), bookings({ 1: 10 }));
  assert.deepEqual(asks(scene), [[FLOOR, at(7)]]);
  assert.deepEqual(scene.events, []);
  scene.subscribed(FLOOR, scene.hub.last("subscribe").id, at(10), true);
  assert.equal(scene.states.at(-1), "connecting");
  scene.update(FLOOR, at(7), at(10), bookings({ 1: 10, 3: 6 }));
  assert.equal(scene.states.at(-1), "live");
  assert.deepEqual(
    scene.events.map(({ position, data }) => [position, data]),
    [[at(10), bookings({ 1: 10, 3: 6 })]],
  );
  scene.update(FLOOR, at(11), at(12));
  assert.deepEqual(asks(scene), [
    [FLOOR, at(7)],
    [FLOOR, at(10)],
  ]);
});

test("update of an epoch that is not held asks", (t) => {
  const scene = joined(t);
  scene.update(FLOOR, at(7, "aa9c2016"), at(8, "aa9c2016"), bookings({ 1: 9 }));
  assert.deepEqual(asks(scene), [[FLOOR, at(7)]]);
  assert.deepEqual(scene.events, []);
});

test("update that is not after what is held changes nothing and asks nothing", (t) => {
  const scene = joined(t);
  scene.update(FLOOR, at(6), at(7), bookings({ 1: 9 }));
  scene.update(FLOOR, at(3), at(5), bookings({ 1: 9 }));
  assert.deepEqual([scene.events, asks(scene), scene.live.status.state], [[], [], "live"]);
});

test("update that overlaps what is held is applied", (t) => {
  const scene = joined(t);
  scene.update(FLOOR, at(4), at(10), bookings({ 2: 5 }));
  const [{ position, data, changed }] = scene.events;
  assert.deepEqual([position, data, changed], [at(10), bookings({ 1: 2, 2: 5 }), { bookings: ["2"] }]);
  assert.deepEqual(asks(scene), []);
});

test("resync keeps what is shown but is not live, and the snapshot of another epoch ends it", async (t) => {
  const scene = joined(t);
  scene.hub.say({ op: "resync", channel: FLOOR, reason: "epoch" });
  assert.equal(scene.states.at(-1), "connecting");
  scene.update(FLOOR, at(7), at(8), bookings({ 1: 9 }));
  scene.fresh();
  assert.equal(scene.states.at(-1), "connecting"); // the hub's equality is not ours yet
  assert.deepEqual([scene.events, asks(scene)], [[], []]);
  scene.snapshot(FLOOR, at(2, "aa9c2016"), bookings({ 5: 2 }));
  assert.equal(scene.states.at(-1), "live");
  assert.deepEqual(
    scene.events.map(({ kind, data }) => [kind, data]),
    [["snapshot", bookings({ 5: 2 })]],
  );
  await scene.cut();
  scene.hub.accept();
  assert.deepEqual(scene.hub.last("connect").since, { [FLOOR]: at(2, "aa9c2016") });
});

test("answer to a subscription that was given up says nothing of the one after it", async (t) => {
  const scene = joined(t);
  await scene.cut();
  const given = scene.letIn();
  scene.live.unwatch(FLOOR);
  scene.watch(FLOOR);
  scene.subscribed(FLOOR, given, at(9), true);
  scene.update(FLOOR, at(7), at(9), bookings({ 1: 9 }));
  scene.hub.say({ op: "unsubscribed", id: scene.hub.last("unsubscribe").id, channel: FLOOR });
  scene.fresh();
  assert.deepEqual([scene.events, scene.live.status.state], [[], "connecting"]);
  assert.deepEqual(asks(scene), [[FLOOR, null]]); // what was let go is not held, and was asked for once
  scene.subscribed(FLOOR, scene.hub.last("subscribe").id, at(9), false);
  scene.snapshot(FLOOR, at(9), bookings({ 1: 9 }));
  scene.fresh();
  assert.deepEqual([scene.events.length, scene.live.status.state], [1, "live"]);
});

test("question that came too often is asked again after the time that was named", async (t) => {
  const scene = joined(t, { random: () => 0 });
  scene.watch(TABLES);
  const { id } = scene.hub.last("subscribe");
  // Such a refusal names no channel: the question's id does.
  scene.hub.say({ op: "error", id, code: "rate_limited", message: "Slow.", retryable: true, retry_after_ms: 3_000 });
  await scene.pass(2_999);
  assert.equal(asks(scene).length, 1);
  await scene.pass(TICK_MS);
  assert.equal(asks(scene).length, 2);
  assert.equal(scene.events.length, 0);
  await scene.pass(5_000);
  assert.equal(asks(scene).length, 2);
});

test("channel that the hub gives up for now is not live, and is asked again", async (t) => {
  const scene = joined(t, { random: () => 0 });
  const error = { code: "unavailable", message: "Not now.", retryable: true, retry_after_ms: 1_000 };
  scene.hub.say({ op: "error", id: null, channel: FLOOR, ...error });
  assert.equal(scene.live.status.state, "connecting");
  await scene.pass(1_000);
  scene.fresh();
  assert.deepEqual(asks(scene), [[FLOOR, at(7)]]);
  assert.equal(scene.live.status.state, "connecting");
  scene.subscribed(FLOOR, scene.hub.last("subscribe").id, at(7), true);
  assert.equal(scene.live.status.state, "live");
});

test("refused channel is told once and not asked for again; the others stay live", async (t) => {
  const scene = joined(t);
  scene.watch(TABLES);
  const { id } = scene.hub.last("subscribe");
  const error = { code: "forbidden", message: "No.", retryable: false, retry_after_ms: null };
  scene.hub.say({ op: "error", id, channel: TABLES, ...error });
  assert.deepEqual(refusals(scene), [["refused", TABLES, "forbidden"]]);
  await scene.prosper(30_000);
  assert.deepEqual([asks(scene).length, scene.live.status.state], [1, "live"]);
});

test("channel that a new token may not see is told as refused, one that we left is not", (t) => {
  const scene = joined(t, { channels: [FLOOR, TABLES] });
  scene.live.unwatch(TABLES);
  scene.hub.say({ op: "unsubscribed", id: scene.hub.last("unsubscribe").id, channel: TABLES });
  assert.deepEqual(scene.events, []);
  scene.hub.say({ op: "unsubscribed", id: null, channel: FLOOR });
  assert.deepEqual(refusals(scene), [["refused", FLOOR, "forbidden"]]);
});

test("op that is not known is ignored, and a frame that is not JSON ends the line", async (t) => {
  const scene = joined(t);
  scene.hub.say({ op: "weather", channel: FLOOR });
  assert.deepEqual([scene.hub.closedWith, scene.live.status.state], [null, "live"]);
  const first = scene.hub;
  first.dispatchEvent(new MessageEvent("message", { data: "{" }));
  assert.deepEqual([first.closedWith, scene.live.status.state], [1000, "connecting"]);
  assert.notEqual(await scene.cut(), null);
});
