import { expect, test } from "vitest";
import { Problem } from "../lib/api/problem.ts";
import { ManageLink } from "./link.ts";

function scene(...answers: [number, unknown][]) {
  const calls: [string, string | null, string | null][] = [];
  const link = new ManageLink("link-token", {
    fetch: async (path, init) => {
      const headers = new Headers(init?.headers);
      calls.push([`${init?.method} ${path}`, headers.get("authorization"), headers.get("idempotency-key")]);
      const [status, said] = answers.shift() ?? [500, {}];
      return new Response(JSON.stringify(said), { status });
    },
  });
  return { link, calls };
}

const token = (access_token: string): [number, unknown] => [200, { access_token, booking_id: 7, url_prefix: "" }];

test("after the token's half hour the link is traded anew, and the same call made again", async () => {
  const { link, calls } = scene(token("one"), [401, { error_code: "auth_error" }], token("two"), [200, { id: 7 }]);
  await link.open();
  expect(await link.api.write("DELETE", "/bookings/7")).toEqual({ id: 7 });
  expect(calls.map(([what, who]) => [what, who])).toEqual([
    ["POST /manage", null],
    ["DELETE /bookings/7", "Bearer one"],
    ["POST /manage", null],
    ["DELETE /bookings/7", "Bearer two"],
  ]);
  expect(calls[3]?.[2]).toBe(calls[1]?.[2]);
});

test("a link that is not valid any more is told as that", async () => {
  const { link } = scene(token("one"), [401, { error_code: "auth_error" }], [404, { error_code: "not_found" }]);
  await link.open();
  const problem = await link.api.get("/bookings/7").catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(Problem);
  expect((problem as Problem).status).toBe(404);
});
