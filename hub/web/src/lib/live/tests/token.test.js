// How client.ts goes on with a new token, and when it stops.
import assert from "node:assert/strict";

import { begin, TICK_MS, test } from "./wire.js";

const gives =
  (...tokens) =>
  (count) =>
    tokens[count - 1];
const unreachable = () => {
  throw new Error("the hub can't be reached");
};

test("token that ended: renewed, and back at once", async (t) => {
  const scene = begin(t, { renew: gives("second") });
  scene.bring();
  assert.equal(await scene.cut(4200), 0);
  assert.equal(scene.asked.length, 1);
  scene.bring();
  assert.equal(scene.hub.last("connect").token, "second");
  assert.equal(scene.live.status.state, "live");
});

test("token that ended while we were away is renewed, though its own connection never saw an answer", async (t) => {
  const scene = begin(t, { renew: gives("second") });
  scene.bring();
  await scene.cut(1006);
  scene.hub.accept();
  assert.equal(await scene.cut(4200), 0);
  scene.hub.accept();
  assert.equal(scene.hub.last("connect").token, "second");
});

test("4001: not again, and no renewal", async (t) => {
  const scene = begin(t, { renew: gives("second") });
  scene.hub.accept();
  scene.hub.say({ op: "bye", code: 4001, reason: "who is it?", reconnect: false, retry_after_ms: [0, 0] });
  assert.equal(await scene.cut(4001), null);
  const { state, code, reason } = scene.live.status;
  assert.deepEqual([scene.asked.length, state, code, reason], [0, "stopped", 4001, "who is it?"]);
  assert.equal(scene.told.at(-1).state, "stopped");
});

for (const code of [4000, 4001, 4003]) {
  test(`${code} after the token was accepted: not again, and no renewal`, async (t) => {
    const scene = begin(t, { renew: gives("second") });
    scene.bring();
    assert.equal(await scene.cut(code), null);
    assert.deepEqual([scene.asked.length, scene.live.status.state, scene.live.status.code], [0, "stopped", code]);
  });
}

test("new token that the hub refuses too is not tried again", async (t) => {
  const scene = begin(t, { renew: gives("second", "third") });
  scene.bring();
  await scene.cut(4200);
  scene.hub.accept();
  assert.equal(await scene.cut(4001), null);
  assert.deepEqual([scene.asked.length, scene.live.status.code], [1, 4001]);
});

test("token that ends soon after its renewal is renewed after a pause, and after a calm at once again", async (t) => {
  const scene = begin(t, { renew: gives("second", "third", "fourth"), random: () => 0.999 });
  scene.bring();
  await scene.cut(4200);
  scene.bring();
  const pause = await scene.cut(4200);
  assert.ok(pause >= 999 && pause <= 1_000 + TICK_MS, String(pause));
  scene.bring();
  await scene.prosper(30_000);
  assert.equal(await scene.cut(4200), 0);
  assert.equal(scene.asked.length, 3);
});

test("session that is over stops", async (t) => {
  const scene = begin(t, { renew: gives(null) });
  scene.bring();
  assert.equal(await scene.cut(4200), null);
  const { state, code, reason } = scene.live.status;
  assert.deepEqual([state, code, reason], ["stopped", 4001, "session over"]);
});

test("renewal that can't be reached is tried again with growing pauses, and the old token is not", async (t) => {
  const scene = begin(t, { renew: (count) => (count < 4 ? unreachable() : "second"), random: () => 0.999 });
  scene.bring();
  assert.notEqual(await scene.cut(4200), null);
  const pauses = scene.asked.slice(1).map((instant, index) => instant - scene.asked[index]);
  assert.equal(pauses.length, 3);
  pauses.forEach((pause, index) => {
    const bound = 1_000 * 2 ** index;
    assert.ok(pause >= bound - 1 && pause <= bound + TICK_MS, `${pause} for ${bound}`);
  });
  assert.equal(scene.sockets.length, 2);
  scene.hub.accept();
  assert.equal(scene.hub.last("connect").token, "second");
});

test("token that was renewed elsewhere while ours could not be is connected with", async (t) => {
  let fail;
  const scene = begin(t, { renew: () => new Promise((_, refuse) => (fail = refuse)) });
  scene.bring();
  scene.hub.end(4200);
  await scene.pass(1_000);
  scene.live.useToken("second");
  fail(new Error("the hub can't be reached"));
  assert.notEqual(await scene.cut(), null);
  scene.hub.accept();
  assert.deepEqual([scene.hub.last("connect").token, scene.asked.length], ["second", 1]);
});

test("renewal that ends after a stop opens nothing", async (t) => {
  let give;
  const scene = begin(t, { renew: () => new Promise((done) => (give = done)) });
  scene.bring();
  scene.hub.end(4200);
  await scene.pass(1_000);
  scene.live.stop();
  give("second");
  await scene.pass(5_000);
  assert.deepEqual([scene.sockets.length, scene.live.status.code], [1, 1000]);
});

test("expiring: renewed by REST and told on the same connection, which goes on", async (t) => {
  const scene = begin(t, { renew: gives("second", "third") });
  scene.bring();
  scene.hub.say({ op: "expiring", in: 60 });
  await scene.pass(0);
  const { id, token } = scene.hub.last("refresh");
  assert.equal(token, "second");
  scene.hub.say({ op: "refreshed", id, expires_in: 3599 });
  await scene.prosper(10_000);
  assert.deepEqual([scene.sockets.length, scene.asked.length, scene.live.status.state], [1, 1, "live"]);
});

test("expiring while the renewal can't be reached: the close with 4200 tries again", async (t) => {
  const scene = begin(t, { renew: (count) => (count === 1 ? unreachable() : "second") });
  scene.bring();
  scene.hub.say({ op: "expiring", in: 60 });
  await scene.prosper(85_000);
  assert.deepEqual([scene.hub.all("refresh"), scene.sockets.length], [[], 1]);
  assert.equal(await scene.cut(4200), 0);
  scene.hub.accept();
  assert.equal(scene.hub.last("connect").token, "second");
});

test("token that was renewed elsewhere is told once", (t) => {
  const scene = begin(t);
  scene.bring();
  scene.live.useToken("second");
  scene.live.useToken("second");
  assert.deepEqual(
    scene.hub.all("refresh").map(({ token }) => token),
    ["second"],
  );
});

test("token that was renewed elsewhere while connect waits: the old one's refusal is not its own", async (t) => {
  const scene = begin(t, { renew: gives("third") });
  scene.bring();
  await scene.cut();
  scene.hub.accept();
  scene.live.useToken("second");
  assert.equal(await scene.cut(4001), 0);
  assert.equal(scene.live.status.state, "connecting");
  scene.hub.accept();
  assert.deepEqual([scene.hub.last("connect").token, scene.asked.length], ["second", 0]);
  assert.equal(await scene.cut(4001), null);
});

test("token that was renewed elsewhere while connect waits is told once the hub has answered", async (t) => {
  const scene = begin(t, { renew: gives("third") });
  scene.hub.accept();
  scene.live.useToken("second");
  assert.equal(scene.hub.last("refresh"), undefined);
  const { id } = scene.hub.last("connect");
  scene.hub.say({ op: "connected", id, expires_in: 3599, server_time: scene.stamp() });
  assert.equal(scene.hub.last("refresh").token, "second");
  // Accepted was the first: the hub has not said a word of the second.
  assert.equal(await scene.cut(4001), null);
  assert.deepEqual([scene.asked.length, scene.live.status.code], [0, 4001]);
});
