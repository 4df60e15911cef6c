import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Problem } from "../api/problem.ts";
import { type HoldRequest, TableHold } from "./hold.ts";

const SEVEN: HoldRequest = { date: "2026-11-28", time: "19:00", guests: 2 };
const EIGHT: HoldRequest = { ...SEVEN, time: "20:00" };

/** A hub that answers each call by hand. */
function hub() {
  const asked: {
    method: string;
    path: string;
    body: unknown;
    answer: (seconds?: number) => Promise<void>;
    refuse: (code: string) => Promise<void>;
  }[] = [];
  let count = 0;
  const write = (method: string, path: string, options: { body?: unknown } = {}) =>
    new Promise((done, fail) => {
      const number = ++count;
      const settle = async (act: () => void) => {
        act();
        await vi.advanceTimersByTimeAsync(0);
      };
      asked.push({
        ...{ method, path, body: options.body },
        answer: (seconds = 300) =>
          settle(() =>
            done({
              ...{ id: number, token: `t${number}`, tables: [3], guests: 2, expires_in: seconds },
              ...{ start_at: "2026-11-28T19:00:00Z", end_at: "2026-11-28T21:00:00Z" },
            }),
          ),
        refuse: (code) => settle(() => fail(new Problem(409, { error_code: code } as never))),
      });
    });
  // biome-ignore lint/suspicious/noExplicitAny: of the API only this is used
  const hold = new TableHold({ write } as any);
  return { asked, hold, said: () => asked.map(({ method, path }) => `${method} ${path}`) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a hold is taken, counts down by itself, and is over", async () => {
  const { hold, asked } = hub();
  void hold.want(SEVEN);
  expect(hold.state.value.phase).toBe("asking");
  await asked[0]?.answer();
  const state = hold.state.value;
  if (state.phase !== "held") throw new Error(state.phase);
  expect(asked[0]?.body).toEqual(SEVEN);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.held.leftMs()).toBe(240_000);
  expect(await hold.token()).toBe("t1");
  await vi.advanceTimersByTimeAsync(240_000);
  expect(hold.state.value.phase).toBe("over");
  expect(await hold.token()).toBeNull();
  void hold.want(SEVEN); // kept again: should the hub not have let go of the first one yet, it does so now
  expect(asked[1]?.body).toEqual({ ...SEVEN, instead: "t1" });
});

test("it moves with what is wanted, and what was wanted in between is never asked for", async () => {
  const { hold, asked, said } = hub();
  void hold.want(SEVEN);
  void hold.want({ ...SEVEN, time: "19:30" });
  const last = hold.want(EIGHT);
  await asked[0]?.answer();
  await asked[1]?.answer();
  await last;
  expect(said()).toEqual(["POST /holds", "POST /holds"]);
  expect(asked[1]?.body).toEqual({ ...EIGHT, instead: "t1" });
  await hold.want({ ...EIGHT });
  expect(asked.length).toBe(2); // it is held already
});

test("whoever books waits for the hold that is under way", async () => {
  const { hold, asked } = hub();
  void hold.want(SEVEN);
  const token = hold.token();
  await asked[0]?.answer();
  expect(await token).toBe("t1");
});

test("a form that is closed lets go, also of what it was still to get", async () => {
  const { hold, asked, said } = hub();
  void hold.want(SEVEN);
  void hold.want(null);
  await asked[0]?.answer();
  expect(said()).toEqual(["POST /holds", "DELETE /holds/t1"]);
  expect(hold.state.value.phase).toBe("none");
});

test("a refused move keeps nothing, and says why", async () => {
  const { hold, asked, said } = hub();
  void hold.want(SEVEN);
  await asked[0]?.answer();
  void hold.want(EIGHT);
  await asked[1]?.refuse("slot_taken");
  expect(said()).toEqual(["POST /holds", "POST /holds", "DELETE /holds/t1"]);
  expect(hold.state.value).toMatchObject({ phase: "refused", problem: { code: "slot_taken" } });
});

test("a hold is kept longer once", async () => {
  const { hold, asked, said } = hub();
  void hold.want(SEVEN);
  await asked[0]?.answer();
  void hold.extend();
  await asked[1]?.answer(590);
  void hold.extend();
  expect(said()).toEqual(["POST /holds", "POST /holds/t1/extend"]);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(hold.state.value).toMatchObject({ phase: "held", held: { isLonger: true } });
  await vi.advanceTimersByTimeAsync(290_000);
  expect(hold.state.value.phase).toBe("over");
});

test("one that the hub has ended is over; another refusal is said beside it", async () => {
  const { hold, asked } = hub();
  void hold.want(SEVEN);
  await asked[0]?.answer();
  void hold.extend();
  await asked[1]?.refuse("unavailable");
  expect(hold.state.value).toMatchObject({ phase: "held", trouble: { code: "unavailable" } });
  void hold.extend();
  await asked[2]?.refuse("hold_over");
  expect(hold.state.value.phase).toBe("over");
});

test("what became a booking is not let go", async () => {
  const { hold, asked } = hub();
  void hold.want(SEVEN);
  await asked[0]?.answer();
  hold.forget();
  await hold.want(null);
  expect(asked.length).toBe(1);
});

test("what is chosen while the page is old is held once it is not, and nothing is asked for twice", async () => {
  const { hold, asked, said } = hub();
  hold.follow(SEVEN, true);
  hold.follow(EIGHT, true);
  expect(said()).toEqual([]);
  hold.follow(EIGHT, false);
  expect(asked[0]?.body).toEqual(EIGHT);
  await asked[0]?.answer(60);
  await vi.advanceTimersByTimeAsync(60_000);
  hold.follow(EIGHT, true);
  hold.follow(EIGHT, false); // over: only a person keeps it again
  expect([hold.state.value.phase, asked.length]).toEqual(["over", 1]);
});
