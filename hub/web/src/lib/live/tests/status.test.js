// What client.ts says of how far it can be trusted.
import assert from "node:assert/strict";

import { at, begin, bookings, FLOOR, test } from "./wire.js";

const joined = (t, options) => {
  const scene = begin(t, options);
  scene.bring();
  return scene;
};
const state = (scene) => scene.states.at(-1);

test("live up to five seconds, then stale by itself, without a frame and to the millisecond", async (t) => {
  const scene = joined(t);
  const since = scene.time.now;
  assert.equal(state(scene), "live");
  await scene.pass(5_000);
  assert.equal(state(scene), "live");
  await scene.pass(1);
  assert.deepEqual([state(scene), scene.told.at(-1).staleSince], ["stale", since]);
  scene.fresh();
  assert.equal(state(scene), "live");
});

test("data and pongs that go on do not make live what is not verified", async (t) => {
  const scene = joined(t);
  await scene.pass(4_000);
  scene.update(FLOOR, at(7), at(8));
  scene.pong();
  scene.hub.say({ op: "fresh", verified_at: scene.stamp(4_000) }); // it stands still
  await scene.pass(1_001);
  assert.equal(state(scene), "stale");
});

test("nothing is live before the first pong", async (t) => {
  const scene = begin(t);
  const id = scene.admit();
  scene.subscribed(FLOOR, id, at(7), false);
  scene.snapshot(FLOOR, at(7), bookings({ 1: 2 }));
  scene.fresh();
  assert.equal(state(scene), "connecting");
  await scene.pass(40);
  scene.pong();
  assert.equal(state(scene), "live");
  assert.equal(scene.live.status.ageMs, 80); // 40 since then, and the way there, which nobody knows
});

test("frames that waited on a stalled line never show live", async (t) => {
  const scene = joined(t);
  await scene.pass(14_000);
  scene.states.length = 0;
  for (let age = 14_000; age > 5_000; age -= 2_000) {
    scene.fresh(age);
    scene.update(FLOOR, at(7), at(8), bookings({ 1: 3 }));
    await scene.pass(0);
  }
  assert.deepEqual(
    scene.states.filter((each) => each === "live"),
    [],
  );
  scene.fresh(2_000);
  assert.equal(state(scene), "live");
  await scene.pass(3_001);
  assert.equal(state(scene), "stale");
});

test("line so slow that its first frames are old when they come is never live", async (t) => {
  const scene = begin(t);
  const id = scene.admit();
  const ping = scene.hub.last("ping").id;
  const told = scene.stamp();
  await scene.pass(14_000);
  scene.subscribed(FLOOR, id, at(7), false);
  scene.snapshot(FLOOR, at(7), bookings({ 1: 2 }));
  scene.hub.say({ op: "pong", id: ping, server_time: told });
  scene.hub.say({ op: "fresh", verified_at: told });
  assert.deepEqual([state(scene), scene.states.includes("live")], ["stale", false]);
});

test("lost line is not live from the moment it is lost, and stale once what is held is old", async (t) => {
  const scene = joined(t, { random: () => 0.999 });
  await scene.pass(4_000);
  scene.hub.end();
  assert.equal(state(scene), "connecting");
  await scene.pass(1_250);
  assert.equal(state(scene), "stale");
});

test("line is gone once a try to open it anew fails, and there again with the next one that opens", async (t) => {
  const scene = joined(t);
  const since = scene.time.now;
  await scene.cut();
  assert.deepEqual([state(scene), scene.live.status.isGone], ["connecting", false]);
  scene.hub.end();
  assert.deepEqual(
    [state(scene), scene.live.status.staleSince, scene.told.at(-1).isGone, scene.told.at(-1).staleSince],
    ["stale", since, true, since],
  );
  await scene.pass(30_000);
  assert.deepEqual([scene.live.status.isGone, scene.live.status.staleSince], [true, since]);
  const id = scene.letIn();
  assert.deepEqual([state(scene), scene.told.at(-1).isGone], ["stale", false]);
  scene.subscribed(FLOOR, id, at(7), true);
  scene.fresh();
  assert.deepEqual([state(scene), scene.told.at(-1).isGone], ["live", false]);
});

test("hub that answers and does not let in is a line that is there", async (t) => {
  const scene = begin(t);
  scene.hub.accept();
  const { id } = scene.hub.last("connect");
  scene.hub.say({ op: "error", id, code: "overloaded", message: "later", retryable: true });
  assert.equal(scene.live.status.isGone, false);
});

test("hub that is not there from the beginning is a line that is gone", async (t) => {
  const scene = begin(t);
  scene.hub.end();
  assert.deepEqual([state(scene), scene.told.at(-1).isGone], ["connecting", true]);
});

test("what another connection said is not this one's", async (t) => {
  const scene = joined(t);
  await scene.cut();
  const id = scene.letIn();
  assert.equal(state(scene), "connecting");
  scene.fresh();
  assert.equal(state(scene), "connecting"); // the channel's answer is still to come
  scene.subscribed(FLOOR, id, at(7), true);
  assert.equal(state(scene), "live");
});

test("first state that does not come is waited for, and nothing is shown that could be stale", async (t) => {
  const scene = begin(t);
  scene.letIn();
  await scene.prosper(20_000);
  assert.equal(state(scene), "connecting");
});

for (const skew of [3_600_000, -3_600_000]) {
  test(`a clock of the hub that is ${skew} ms off does no harm`, async (t) => {
    const scene = joined(t, { skew });
    assert.equal(state(scene), "live");
    assert.equal(scene.live.serverNow, scene.time.now + skew);
    await scene.pass(5_001);
    assert.equal(state(scene), "stale");
    scene.hub.end();
    assert.equal(scene.live.serverNow, scene.time.now + skew); // known on while the line is mended
  });
}

test("device that slept does not show live what waited for it, until it has asked", async (t) => {
  const scene = joined(t);
  scene.sleep(60_000);
  scene.states.length = 0;
  scene.fresh(30_000); // it waited in the buffer
  scene.fresh(20_000);
  assert.deepEqual(scene.states.includes("live"), false);
  assert.equal(scene.live.status.state, "stale");
  await scene.pass(250);
  scene.pong();
  scene.fresh();
  assert.equal(state(scene), "live");
  assert.equal(scene.sockets.length, 1);
});

test("one ping at once, then one every five seconds, and a line that answers is kept", async (t) => {
  const scene = joined(t);
  assert.equal(scene.hub.all("ping").length, 1);
  await scene.prosper(60_000);
  const count = scene.hub.all("ping").length;
  assert.ok(count >= 12 && count <= 13, String(count));
  assert.deepEqual([scene.sockets.length, scene.states], [1, ["connecting", "live"]]);
});

test("hub tells the limits", async (t) => {
  const scene = begin(t);
  scene.hub.accept();
  const { id } = scene.hub.last("connect");
  const limits = { stale_after_ms: 2_000, silence_ms: 4_000, ping_every_ms: 1_000 };
  scene.hub.say({ op: "connected", id, roles: {}, server_time: scene.stamp(), venue: {}, limits });
  scene.pong();
  scene.subscribed(FLOOR, id, at(7), false);
  scene.snapshot(FLOOR, at(7), bookings({ 1: 2 }));
  scene.fresh();
  await scene.pass(2_001);
  assert.equal(state(scene), "stale");
  assert.equal(scene.hub.all("ping").length, 3);
  await scene.pass(2_250);
  assert.equal(scene.hub.closedWith, 1000);
});

test("listeners hear of a quiet second once, and of a change at once", async (t) => {
  const scene = joined(t);
  const count = scene.told.length;
  await scene.pass(4_000);
  assert.equal(scene.told.length, count + 4);
  scene.hub.say({ op: "resync", channel: FLOOR, reason: "gap" });
  assert.equal(scene.told.length, count + 5);
  assert.equal(state(scene), "connecting");
});
