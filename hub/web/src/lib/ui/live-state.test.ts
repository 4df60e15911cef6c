// How old what is shown may be, in words.
import { expect, test } from "vitest";
import type { LiveStatus } from "../live/client.ts";
import { en } from "../words/en.ts";
import { liveText, shadeOf } from "./LiveState.tsx";

const status = (more: Partial<LiveStatus>): LiveStatus => ({ state: "live", ageMs: 0, staleSince: null, ...more });
const text = (more: Partial<LiveStatus>, isOnline = true) =>
  liveText(status(more), isOnline, { words: en.live, seconds: (at) => new Date(at).toISOString().slice(11, 19) });
const SINCE = Date.parse("2026-11-28T19:42:10Z");

test("words of each state", () => {
  expect(text({ ageMs: 64 })).toBe("live, checked 0 s ago");
  expect(text({ ageMs: 1_999 })).toBe("live, checked 1 s ago");
  expect(text({ state: "stale", staleSince: SINCE })).toBe("not sure since 19:42:10");
  expect(text({ state: "stale", staleSince: SINCE }, false)).toBe("offline since 19:42:10");
  expect(text({ state: "stale", staleSince: SINCE, isGone: true })).toBe("offline since 19:42:10");
  expect(text({ state: "connecting", isGone: true })).toBe("offline");
  expect(text({ state: "connecting" })).toBe("connecting …");
  expect(text({ state: "connecting" }, false)).toBe("offline");
  expect(text({ state: "stopped" })).toBe("stopped: log in again");
});

test("nothing but what is known to be current looks live", () => {
  const states = ["live", "stale", "connecting", "stopped"] as const;
  expect(states.map((state) => shadeOf(status({ state }), true))).toEqual(["live", "stale", "connecting", "offline"]);
});
