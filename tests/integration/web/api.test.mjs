// What hub/web/api.js makes of a line that fails: `node --test tests/integration/web/api.test.mjs`.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { Api } from "../../../hub/web/api.js";

/** A page's surroundings, whose paths lead to a server that does with each request what `handle` does. */
async function surroundings(t, handle) {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { fetch } = globalThis;
  const origin = `http://127.0.0.1:${server.address().port}`;
  globalThis.fetch = (path, options) => fetch(origin + path, options);
  globalThis.sessionStorage = { getItem: () => "token", setItem: () => {}, removeItem: () => {} };
  t.after(() => {
    globalThis.fetch = fetch;
    server.closeAllConnections();
    server.close();
  });
}

/** The patience of every request in the hands of the test: it ends when `giveUp` is called. */
function patience(t) {
  const asked = [];
  t.mock.method(AbortSignal, "timeout", (ms) => {
    assert.ok(ms > 5_000 && ms < 60_000, String(ms));
    asked.push(new AbortController());
    return asked.at(-1).signal;
  });
  return { giveUp: () => asked.at(-1).abort() };
}

const unreachable = { status: 0, code: "unreachable" };

test("request that nobody answers ends, and so does a renewal", async (t) => {
  const arrived = [];
  await surroundings(t, (request) => {
    arrived.push(request.url);
    giveUp();
  });
  const { giveUp } = patience(t);
  const api = new Api();
  await assert.rejects(api.me(), unreachable);
  await assert.rejects(api.renew(), unreachable);
  assert.deepEqual(arrived, ["/auth/me", "/auth/refresh"]);
});

test("answer that stops in its middle ends too", async (t) => {
  await surroundings(t, (_, answer) => {
    answer.writeHead(200, { "content-length": 100 });
    answer.write("{", () => setImmediate(giveUp));
  });
  const { giveUp } = patience(t);
  await assert.rejects(new Api().me(), unreachable);
});

test("renewal that was given up is asked anew by the next one", async (t) => {
  let asked = 0;
  await surroundings(t, (_, answer) => (++asked > 1 ? answer.end(JSON.stringify({ access_token: "second" })) : giveUp()));
  const { giveUp } = patience(t);
  const api = new Api();
  await assert.rejects(api.renew(), unreachable);
  assert.equal(await api.renew(), "second");
});
