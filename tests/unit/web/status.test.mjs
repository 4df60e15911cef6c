// What hub/web/live.js says of how far it can be trusted, and in what words: `node --test tests/unit/web/status.test.mjs`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { statusText } from "../../../hub/web/status.js";
import { begin, FLOOR, TICK_MS } from "./wire.mjs";

const joined = (t, options) => {
  const scene = begin(t, options);
  scene.bring();
  return scene;
};
const words = (scene) => statusText(scene.told.at(-1), Date.now());

test("doubt is told at once, and the next proof ends it", async (t) => {
  const scene = joined(t);
  assert.equal(scene.states.at(-1), "live");
  await scene.pass(4_000);
  const doubt = { op: "doubt", since: scene.stamp(4_000), reason: "database" };
  scene.hub.say(doubt);
  assert.deepEqual([scene.states.at(-1), words(scene)], ["doubtful", "in doubt for 4 s"]);
  await scene.pass(2_000);
  scene.hub.say({ ...doubt, since: scene.stamp() });
  assert.equal(words(scene), "in doubt for 6 s"); // it goes on: a repetition doesn't begin it anew
  scene.proof();
  assert.equal(scene.states.at(-1), "live");
  scene.hub.say({ ...doubt, since: null });
  assert.equal(words(scene), "in doubt for 0 s");
});

test("doubt that lasts 15 s is stale", async (t) => {
  const scene = joined(t);
  await scene.pass(4_000);
  scene.hub.say({ op: "doubt", since: scene.stamp(4_000), reason: "database" });
  await scene.pass(10_999);
  assert.equal(scene.states.at(-1), "doubtful");
  await scene.pass(TICK_MS);
  assert.deepEqual([scene.states.at(-1), words(scene)], ["stale", "stale since 15 s"]);
});

test("15 s without a proof are stale by themselves, whatever else is heard", async (t) => {
  const scene = joined(t);
  await scene.pass(14_000);
  scene.update(FLOOR, "k3f9a2b7:7", "k3f9a2b7:8");
  scene.pong();
  await scene.pass(999);
  assert.equal(scene.states.at(-1), "live");
  await scene.pass(TICK_MS);
  assert.deepEqual([scene.states.at(-1), words(scene)], ["stale", "stale since 15 s"]);
  await scene.pass(2_000);
  assert.equal(words(scene), "stale since 17 s");
  scene.proof();
  assert.equal(scene.states.at(-1), "live");
});

test("lost line is not live from the moment it is lost, and stale 15 s after the last proof", async (t) => {
  const scene = joined(t, { random: () => 0.999 });
  await scene.pass(10_000);
  scene.hub.end();
  assert.equal(scene.states.at(-1), "connecting");
  await scene.pass(5_000);
  assert.equal(scene.states.at(-1), "stale");
});

test("proof of another connection, or from before the state is held, is not this one's", async (t) => {
  const scene = joined(t);
  await scene.cut();
  const id = scene.welcome();
  scene.proof();
  assert.equal(scene.states.at(-1), "connecting");
  scene.subscribed(FLOOR, id, "k3f9a2b7:7", true);
  assert.equal(scene.states.at(-1), "connecting");
  scene.proof();
  assert.equal(scene.states.at(-1), "live");
});

test("first state that does not come is stale after 15 s", async (t) => {
  const scene = begin(t);
  scene.welcome();
  await scene.pass(14_999);
  assert.equal(scene.states.at(-1), "connecting");
  await scene.pass(TICK_MS);
  assert.equal(scene.states.at(-1), "stale");
});

test("proof that was stuck on the way does not count as fresh", async (t) => {
  const scene = joined(t);
  await scene.pass(16_000);
  scene.proof(15_500);
  assert.equal(scene.states.at(-1), "stale");
  scene.proof(14_000);
  assert.equal(scene.states.at(-1), "live");
  await scene.pass(1_000 + TICK_MS);
  assert.equal(scene.states.at(-1), "stale");
});

test("words say how old a frame was when it came, on a hub whose clock is an hour ahead", async (t) => {
  const scene = begin(t, { skew: 3_600_000 });
  scene.bring();
  await scene.pass(1_000);
  scene.proof(40);
  assert.equal(words(scene), "live · 40 ms behind");
  scene.proof(1_240);
  assert.equal(words(scene), "live · 1.2 s behind");
  const update = { channel: FLOOR, previous: "k3f9a2b7:7", position: "k3f9a2b7:8", data: {} };
  scene.hub.say({ op: "update", ...update, at: scene.stamp(80) });
  assert.equal(words(scene), "live · 80 ms behind");
  scene.proof(-300); // from the future: a clock is never that exact
  assert.equal(words(scene), "live · 0 ms behind");
});

test("clock is taken from the quickest answer, half of its way counted", async (t) => {
  const scene = begin(t, { skew: 7_000 });
  scene.hub.accept();
  const { id } = scene.hub.last("connect");
  await scene.pass(4_000); // a token that is checked slowly: the answer's clock may be wrong by half of it
  scene.hub.say({ op: "connected", id, ping_interval: 25, server_time: scene.stamp() });
  assert.equal(scene.live.clock.local(scene.stamp()), Date.now() - 2_000);
  await scene.pass(60);
  scene.pong();
  assert.equal(scene.live.clock.local(scene.stamp()), Date.now() - 30);
  scene.live.nudge();
  await scene.pass(500);
  scene.pong();
  assert.equal(scene.live.clock.local(scene.stamp()), Date.now() - 30);
});

test("device whose clock was set is live again with the next answer, slower though it be", async (t) => {
  const scene = begin(t);
  scene.bring();
  scene.setClock(20_000);
  scene.live.nudge();
  await scene.pass(200);
  scene.pong();
  scene.proof();
  assert.equal(words(scene), "live · 100 ms behind");
});

test("listeners hear of a quiet second once, and of a change at once", async (t) => {
  const scene = joined(t);
  const count = scene.told.length;
  await scene.pass(5_000);
  assert.equal(scene.told.length, count + 5);
  scene.hub.say({ op: "doubt", since: null, reason: "database" });
  assert.equal(scene.told.length, count + 6);
});

test("words of each state", () => {
  const now = 100_000;
  const said = (status) => statusText({ behindMs: null, ...status }, now);
  assert.equal(said({ state: "live" }), "live");
  assert.equal(said({ state: "live", behindMs: 40 }), "live · 40 ms behind");
  assert.equal(said({ state: "live", behindMs: 999 }), "live · 999 ms behind");
  assert.equal(said({ state: "live", behindMs: 1_000 }), "live · 1.0 s behind");
  assert.equal(said({ state: "doubtful", doubtSince: 97_400 }), "in doubt for 3 s");
  assert.equal(said({ state: "stale", staleSince: 88_000 }), "stale since 12 s");
  assert.equal(said({ state: "stale", staleSince: 101_000 }), "stale since 0 s");
  assert.equal(said({ state: "stopped", reason: "revoked" }), "stopped · revoked · log in again");
  assert.equal(said({ state: "stopped", reason: "" }), "stopped · log in again");
  assert.equal(said({ state: "connecting" }), "connecting …");
});
