// When client.ts connects again, and with what.
import assert from "node:assert/strict";

import { at, begin, bookings, FLOOR, TABLES, TICK_MS, test } from "./wire.js";

const between = (value, low, high) =>
  assert.ok(value !== null && low <= value && value <= high, `${value} is not in ${low}–${high}`);
const bye = (code, range) => ({ op: "bye", code, reason: "said so", reconnect: true, retry_after_ms: range });

for (const random of [0, 0.25, 0.999]) {
  test(`pauses are a share of a bound that doubles from 500 ms to 20 s: ${random}`, async (t) => {
    const scene = begin(t, { random: () => random });
    for (const bound of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]) {
      const pause = Math.floor(random * bound);
      between(await scene.cut(), pause, random > 0 ? pause + TICK_MS : 0);
    }
  });
}

test("connection shorter than 30 s does not shorten the next pause", async (t) => {
  const scene = begin(t, { random: () => 0.999 });
  for (const bound of [500, 1_000, 2_000, 4_000]) {
    scene.bring();
    await scene.prosper(29_500);
    between(await scene.cut(), bound - 1, bound + TICK_MS);
  }
});

test("connection of 30 s takes the pause back to its first bound", async (t) => {
  const scene = begin(t, { random: () => 0.999 });
  for (let attempt = 0; attempt < 5; attempt++) {
    await scene.cut();
  }
  scene.bring();
  await scene.prosper(30_000);
  // What follows are failures in a row again, however long ago that connection was.
  for (const bound of [500, 1_000, 2_000]) between(await scene.cut(), bound - 1, bound + TICK_MS);
});

test("time without an answer to connect is no calm", async (t) => {
  const scene = begin(t, { random: () => 0.999 });
  for (const bound of [500, 1_000, 2_000, 4_000, 8_000]) {
    scene.hub.accept();
    await scene.pass(10_000);
    assert.equal(scene.hub.closedWith, null);
    await scene.pass(TICK_MS);
    assert.equal(scene.hub.closedWith, 1000);
    between(await scene.cut(), bound - 1, bound + TICK_MS);
  }
});

test("bye's range is waited for, at both of its ends", async (t) => {
  const scene = begin(t);
  for (const [random, pause] of [
    [0, 2_000],
    [0.5, 6_000],
    [0.999, 9_992],
  ]) {
    scene.bring();
    scene.random = () => random;
    scene.hub.say(bye(1013, [2_000, 10_000]));
    between(await scene.cut(1013), pause, pause + TICK_MS);
  }
});

test("bye counts where the close after it is lost, and only for its own connection", async (t) => {
  const scene = begin(t);
  scene.bring();
  scene.hub.say(bye(1012, [3_000, 5_000]));
  between(await scene.cut(1006), 4_000, 4_000 + TICK_MS);
  between(await scene.cut(1006), 500, 500 + TICK_MS);
});

test("connect names every channel with the position that is held", async (t) => {
  const scene = begin(t, { channels: [TABLES, FLOOR] });
  assert.equal(scene.hub.subprotocol, "booking.v1.json");
  scene.hub.accept();
  const first = scene.hub.heard[0];
  assert.deepEqual(first, { op: "connect", id: first.id, token: "first", since: { [TABLES]: null, [FLOOR]: null } });
  assert.equal(scene.hub.heard.length, 1);
  await scene.cut();
  scene.bring(at(7));
  scene.update(FLOOR, at(7), at(9), bookings({ 2: 4 }));
  scene.hub.end();
  scene.live.unwatch(TABLES);
  scene.watch("floor:2026-12-14");
  await scene.cut();
  scene.hub.accept();
  assert.deepEqual(
    scene.hub.heard.map(({ op }) => op),
    ["connect"],
  );
  assert.deepEqual(scene.hub.heard[0].since, { [FLOOR]: at(9), "floor:2026-12-14": null });
});

test("resumed where nothing happened: what is held stays, and nobody is told of a change", async (t) => {
  const scene = begin(t);
  scene.bring(at(7));
  await scene.cut();
  scene.events.length = 0;
  scene.subscribed(FLOOR, scene.letIn(), at(7), true);
  scene.fresh();
  assert.deepEqual(scene.events, []);
  assert.equal(scene.live.status.state, "live");
});

test("resumed where something happened: one update from the position that was sent", async (t) => {
  const scene = begin(t);
  scene.bring(at(7), bookings({ 1: 2, 2: 4 }));
  await scene.cut();
  scene.events.length = 0;
  scene.subscribed(FLOOR, scene.letIn(), at(12), true);
  scene.fresh();
  assert.equal(scene.live.status.state, "connecting"); // the update is still pending
  scene.update(FLOOR, at(7), at(12), { bookings: { 1: null, 3: { guests: 6 } } });
  scene.fresh();
  assert.equal(scene.live.status.state, "live");
  const [{ position, data, changed }, ...more] = scene.events;
  assert.deepEqual([position, data, changed], [at(12), bookings({ 2: 4, 3: 6 }), { bookings: ["1", "3"] }]);
  assert.deepEqual(more, []);
});

test("line on which nothing is heard for 15 s is given up, and what it still says is not heard", async (t) => {
  const scene = begin(t);
  scene.bring(at(7));
  const dead = scene.hub;
  await scene.pass(15_000);
  assert.equal(dead.closedWith, null);
  assert.ok(dead.all("ping").length >= 3, "a quiet line is asked before it is given up");
  await scene.pass(TICK_MS);
  assert.equal(dead.closedWith, 1000);
  await scene.cut();
  const count = scene.sockets.length;
  dead.say({
    op: "update",
    channel: FLOOR,
    previous: at(7),
    position: at(8),
    at: scene.stamp(),
    data: bookings({ 9: 9 }),
  });
  dead.end(4003);
  scene.hub.accept();
  assert.deepEqual(scene.hub.last("connect").since, { [FLOOR]: at(7) });
  await scene.pass(5_000);
  assert.equal(scene.sockets.length, count);
});

test("state that was promised and never comes is asked for on a new connection", async (t) => {
  const scene = begin(t);
  scene.bring(at(7));
  scene.hub.say({ op: "resync", channel: FLOOR, reason: "slow" });
  const first = scene.hub;
  await scene.prosper(30_000);
  assert.equal(first.closedWith, null);
  await scene.pass(2 * TICK_MS);
  assert.equal(first.closedWith, 1000);
});

test("line that is told anew again and again, each time in full, is kept", async (t) => {
  const scene = begin(t);
  scene.bring(at(7));
  for (let version = 8; version < 24; version++) {
    scene.hub.say({ op: "resync", channel: FLOOR, reason: "slow" });
    await scene.prosper(3_000);
    scene.hub.say({
      op: "snapshot",
      channel: FLOOR,
      position: at(version),
      at: scene.stamp(),
      data: bookings({ 1: 2 }),
    });
  }
  assert.equal(scene.hub.closedWith, null);
});

test("clock that is set back does not lengthen a pause", async (t) => {
  const scene = begin(t, { random: () => 0.999 });
  scene.hub.end();
  scene.setClock(-3_600_000);
  between(await scene.cut(), 0, 500 + TICK_MS);
});

test("page that was frozen gives the line a last chance before it gives it up", async (t) => {
  const scene = begin(t);
  scene.bring(at(7));
  const line = scene.hub;
  scene.freeze(60_000);
  await scene.pass(TICK_MS);
  assert.equal(line.closedWith, null);
  assert.equal(scene.live.status.state, "stale");
  scene.pong();
  scene.fresh();
  assert.equal(scene.live.status.state, "live");
  scene.freeze(60_000);
  await scene.pass(5_000 + 2 * TICK_MS);
  assert.equal(line.closedWith, 1000);
});

test("connect that is wrong stops, one that is too much comes back", async (t) => {
  const scene = begin(t);
  const refuse = (retryable) => {
    scene.hub.accept();
    const { id } = scene.hub.last("connect");
    scene.hub.say({ op: "error", id, code: "bad_request", message: "since: no", retryable, retry_after_ms: null });
  };
  refuse(true);
  assert.notEqual(await scene.cut(), null);
  refuse(false);
  assert.deepEqual([scene.live.status.state, scene.live.status.reason], ["stopped", "since: no"]);
});

test("visitor sends no token", (t) => {
  const scene = begin(t, { token: null });
  scene.hub.accept();
  assert.equal("token" in scene.hub.last("connect"), false);
});

test("channels that are watched before the hub has answered are asked for in one frame after it", (t) => {
  const scene = begin(t);
  scene.hub.accept();
  scene.watch(TABLES);
  scene.watch("mine");
  assert.equal(scene.hub.last("subscribe"), undefined);
  const { id } = scene.hub.last("connect");
  scene.hub.say({ op: "connected", id, server_time: scene.stamp(), venue: {}, limits: {}, roles: {} });
  assert.deepEqual(
    scene.hub.all("subscribe").map(({ channels }) => channels),
    [{ [TABLES]: null, mine: null }],
  );
});

test("nudge shortens a long pause, and asks a line that is open", async (t) => {
  const scene = begin(t, { random: () => 0.999 });
  for (let attempt = 0; attempt < 6; attempt++) {
    await scene.cut();
  }
  scene.hub.end();
  scene.live.nudge();
  between(await scene.cut(), 0, 500 + TICK_MS);
  scene.bring();
  const pings = scene.hub.all("ping").length;
  scene.live.nudge();
  assert.equal(scene.hub.all("ping").length, pings + 1);
});

test("stop ends a pause for good, and start begins anew with what is held", async (t) => {
  const scene = begin(t);
  scene.bring(at(7));
  scene.hub.end();
  scene.live.stop();
  assert.equal(scene.time.timers.size, 0);
  assert.equal(await scene.cut(), null);
  scene.live.nudge();
  assert.equal(scene.sockets.length, 1);
  scene.live.start("second");
  assert.equal(scene.live.status.state, "connecting"); // and not stale: its 15 s begin now
  scene.hub.accept();
  const { token, since } = scene.hub.last("connect");
  assert.deepEqual([token, since], ["second", { [FLOOR]: at(7) }]);
});

for (const role of ["viewer", "host"]) {
  test(`who comes back as ${role} asks anew if that is another role than before`, async (t) => {
    const held = bookings({ 1: 2 });
    const scene = begin(t);
    const first = scene.letIn({ main: "viewer" });
    scene.subscribed(FLOOR, first, at(7), false);
    scene.snapshot(FLOOR, at(7), held);
    scene.fresh();
    await scene.cut();
    const second = scene.letIn({ main: role });
    assert.deepEqual(scene.hub.last("connect").since, { [FLOOR]: at(7) });
    scene.subscribed(FLOOR, second, at(7), true);
    scene.fresh();
    if (role === "viewer") {
      assert.equal(scene.hub.last("subscribe"), undefined);
      assert.equal(scene.states.at(-1), "live");
      return;
    }
    // At the same position another role may see more: what was resumed is not the answer.
    assert.notEqual(scene.states.at(-1), "live");
    const again = scene.hub.last("subscribe");
    assert.deepEqual(again.channels, { [FLOOR]: null });
    scene.subscribed(FLOOR, again.id, at(7), false);
    scene.snapshot(FLOOR, at(7), bookings({ 1: 3 }));
    scene.fresh();
    assert.equal(scene.states.at(-1), "live");
    assert.deepEqual(scene.live.channels.get(FLOOR).view.data, bookings({ 1: 3 }));
  });
}

test("roles that change on the line are those of the next connection", async (t) => {
  const scene = begin(t);
  scene.letIn({ main: "viewer" });
  scene.hub.say({ op: "roles", roles: { main: "host" } });
  await scene.cut();
  scene.letIn({ main: "host" });
  assert.equal(scene.hub.last("subscribe"), undefined);
});
