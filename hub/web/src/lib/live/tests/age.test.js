// The age rule of age.ts by the table that both clients share.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "vitest";

import { AgeRule } from "../age.ts";

const { cases } = JSON.parse(
  readFileSync(new URL("../../../../../../tests/pure/live_cases/age.json", import.meta.url)),
);

function scene() {
  const rule = new AgeRule();
  const clocks = { wall: 1.6e12, mono: 5e5, hub: 1.6e12 };
  const reads = new Map();
  const verified = new Map();
  const now = () => ({ wall: clocks.wall, mono: clocks.mono });
  const pass = (ms, mono) => {
    clocks.wall += ms;
    clocks.hub += ms;
    clocks.mono += mono;
  };
  const steps = {
    pass: (ms) => pass(ms, ms),
    sleep: (ms) => pass(ms, 0),
    set_clock: (ms) => (clocks.wall += ms),
    set_hub: (ms) => (clocks.hub += ms),
    ping: (id) => rule.ping(id, now()),
    reads: (id) => reads.set(id, clocks.hub),
    pong: (id) => rule.pong(id, reads.get(id), now()),
    verify: (label) => verified.set(label, clocks.hub),
    fresh: (label) => rule.fresh(label === null ? null : verified.get(label)),
    reset: () => rule.reset(),
    stale_after: (ms) => (rule.staleAfter = ms),
    expect: (wanted) => assert.deepEqual({ age: rule.age(now()), live: rule.liveFor(now()) > 0 }, wanted),
  };
  return { rule, now, steps };
}

for (const { name, steps } of cases) {
  test(name, () => {
    const { steps: acts } = scene();
    for (const step of steps) {
      const [[op, value]] = Object.entries(step);
      acts[op](value);
    }
  });
}

test("lost bounds ask for one ping", () => {
  const { rule, now, steps } = scene();
  assert.equal(rule.lostBounds(now()), true);
  steps.ping(1);
  assert.equal(rule.lostBounds(now()), false);
  steps.reads(1);
  steps.pong(1);
  assert.equal(rule.lostBounds(now()), false);
  steps.ping(2);
  steps.set_clock(9_000);
  assert.equal(rule.lostBounds(now()), true);
});
