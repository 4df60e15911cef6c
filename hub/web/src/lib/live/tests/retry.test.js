// What retry.ts says after a close, by the table that both clients share.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "vitest";

import { afterClose, BASE_MS, backoff, CAP_MS } from "../retry.ts";

const { cases } = JSON.parse(
  readFileSync(new URL("../../../../../../tests/pure/live_cases/closes.json", import.meta.url)),
);

for (const { name, code, bye, attempt, renewed, random, next } of cases) {
  test(name, () => {
    const { act, code: cause, delay } = afterClose({ code, bye, attempt, renewed, random: () => random });
    assert.deepEqual({ act, code: cause, pause: delay }, next);
  });
}

test("pauses are a share of a bound that doubles up to a cap", () => {
  [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000].forEach((bound, attempt) => {
    assert.equal(
      backoff(attempt, () => 0.25),
      bound / 4,
    );
  });
  assert.deepEqual([BASE_MS, CAP_MS, backoff(10_000, () => 0.5)], [500, 20_000, 10_000]);
});
