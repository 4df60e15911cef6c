// One action, one deed: keys, lost answers, tokens that end.
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { Api, newKey } from "./client.ts";
import { Problem } from "./problem.ts";

interface Call {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

type Answer = "lost" | [number, unknown];

function scene(...answers: Answer[]) {
  return sceneWith({}, ...answers);
}

function sceneWith(more: ConstructorParameters<typeof Api>[0], ...answers: Answer[]) {
  const calls: Call[] = [];
  const pauses: number[] = [];
  const held = new Map([["booking.token", "first"]]);
  const api = new Api({
    ...more,
    store: {
      getItem: (key) => held.get(key) ?? null,
      setItem: (key, value) => void held.set(key, value),
      removeItem: (key) => void held.delete(key),
    },
    pause: async (ms) => void pauses.push(ms),
    fetch: async (path, init) => {
      const body = init?.body ? JSON.parse(String(init.body)) : undefined;
      calls.push({ method: init?.method ?? "", path: String(path), headers: init?.headers as Call["headers"], body });
      const answer = answers.shift();
      if (answer === undefined || answer === "lost") throw new TypeError("network");
      const [status, said] = answer;
      return new Response(status === 204 ? null : JSON.stringify(said), { status });
    },
  });
  return { api, calls, pauses };
}

const caught = async (promise: Promise<unknown>): Promise<Problem> => {
  const problem = await promise.then(
    () => null,
    (error) => error,
  );
  expect(problem).toBeInstanceOf(Problem);
  return problem;
};

test("a lost answer is asked for again with the same key", async () => {
  const { api, calls, pauses } = scene("lost", [502, {}], [200, { id: 7 }]);
  expect(await api.write("POST", "/bookings", { body: { guests: 2 } })).toEqual({ id: 7 });
  expect(calls.length).toBe(3);
  expect(new Set(calls.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  expect(pauses.length).toBe(2);
});

test("two actions have two keys", async () => {
  const { api, calls } = scene([200, {}], [200, {}]);
  await api.write("POST", "/bookings");
  await api.write("POST", "/bookings");
  expect(calls[0]?.headers["idempotency-key"]).not.toBe(calls[1]?.headers["idempotency-key"]);
  expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
});

test("a refusal is final, and a change names the revision that was seen", async () => {
  const present = { id: 7, revision: 4 };
  const { api, calls } = scene([412, { error_code: "changed", present }]);
  const problem = await caught(api.write("PATCH", "/bookings/7", { revision: 3, body: {} }));
  expect([problem.status, problem.code, problem.present]).toEqual([412, "changed", present]);
  expect(calls[0]?.headers["if-match"]).toBe('"r3"');
  expect(calls.length).toBe(1);
});

test("an answer that never comes ends, and says that it is not known", async () => {
  const { api, pauses } = scene();
  const problem = await caught(api.write("POST", "/bookings"));
  expect([problem.status, problem.code]).toEqual([0, "unreachable"]);
  expect(pauses.length).toBe(5);
});

test("a token that ended is renewed once, and the call made again with its key", async () => {
  const { api, calls } = scene(
    [401, { error_code: "auth_error" }],
    [200, { access_token: "second" }],
    [200, { ok: 1 }],
  );
  expect(await api.write("POST", "/walk-ins")).toEqual({ ok: 1 });
  expect(calls.map(({ path }) => path)).toEqual(["/walk-ins", "/auth/refresh", "/walk-ins"]);
  expect(calls[2]?.headers.authorization).toBe("Bearer second");
  expect(calls[2]?.headers["idempotency-key"]).toBe(calls[0]?.headers["idempotency-key"]);
});

test("a session that is over is told", async () => {
  const { api } = scene([401, { error_code: "session_over" }], [401, { error_code: "session_over" }]);
  let over = 0;
  api.over = () => over++;
  await caught(api.get("/auth/me"));
  expect(over).toBe(1);
});

test("a refusal of the server that says why is no lost answer", async () => {
  const { api, calls } = scene([503, { error_code: "overloaded" }]);
  expect((await caught(api.write("POST", "/bookings"))).code).toBe("overloaded");
  expect(calls.length).toBe(1);
});

test("what can't be repeated is asked once, however it ends", async () => {
  const { api, calls } = scene("lost");
  expect((await caught(api.once("POST", "/auth/reset", {}))).code).toBe("unreachable");
  expect(calls.length).toBe(1);
});

test("a token that no session stands behind is renewed in its own way, and the call made again", async () => {
  const renewal = async () => "third";
  const { api, calls } = sceneWith({ renewal }, [401, { error_code: "auth_error" }], [200, { ok: 1 }]);
  expect(await api.write("DELETE", "/bookings/7")).toEqual({ ok: 1 });
  expect(calls.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ["/bookings/7", "Bearer first"],
    ["/bookings/7", "Bearer third"],
  ]);
});

test("who registers is logged in", async () => {
  const { api, calls } = scene([201, { access_token: "new" }], [200, {}]);
  await api.register({ email: "a@b.c", password: "secret words", full_name: "Ada", phone_number: "+351900" });
  await api.get("/auth/me");
  expect(calls.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ["/auth/register", undefined],
    ["/auth/me", "Bearer new"],
  ]);
});

/** A server on this machine that does with each request what `handle` does, and the patience of requests in our hands. */
async function line(handle: (answer: ServerResponse, url: string) => void) {
  const server = createServer((request, answer) => handle(answer, request.url ?? "")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked: AbortController[] = [];
  const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    expect(ms > 5_000 && ms < 60_000).toBe(true);
    const controller = new AbortController();
    asked.push(controller);
    return controller.signal;
  });
  onTestFinished(() => {
    timeout.mockRestore();
    server.closeAllConnections();
    server.close();
  });
  const store = { getItem: () => "token", setItem: () => {}, removeItem: () => {} };
  const api = new Api({ store, fetch: (path, init) => globalThis.fetch(origin + path, init) });
  return { api, giveUp: () => asked.at(-1)?.abort() };
}

test("a request that nobody answers ends, and so does a renewal", async () => {
  const arrived: string[] = [];
  const { api, giveUp } = await line((_, url) => {
    arrived.push(url);
    giveUp();
  });
  expect((await caught(api.get("/auth/me"))).code).toBe("unreachable");
  expect((await caught(api.renew())).code).toBe("unreachable");
  expect(arrived).toEqual(["/auth/me", "/auth/refresh"]);
});

test("an answer that stops in its middle ends too", async () => {
  const { api, giveUp } = await line((answer) => {
    answer.writeHead(200, { "content-length": 100 });
    answer.write("{", () => setImmediate(giveUp));
  });
  expect((await caught(api.get("/auth/me"))).code).toBe("unreachable");
});

test("a renewal that was given up is asked anew by the next one", async () => {
  let asked = 0;
  const { api, giveUp } = await line((answer) => {
    if (++asked > 1) answer.end(JSON.stringify({ access_token: "second" }));
    else giveUp();
  });
  expect((await caught(api.renew())).code).toBe("unreachable");
  expect(await api.renew()).toBe("second");
});
