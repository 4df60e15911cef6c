import { expect, test } from "vitest";
import { changeableUntil } from "./until.ts";

const rules = { cancel_deadline_minutes: 60, cancel_grace_minutes: 10 };
const until = (created_at: string) =>
  new Date(changeableUntil({ start_at: "2026-11-28T19:00:00+01:00", created_at }, rules)).toISOString().slice(11, 16);

test("a booking may be changed until the deadline, and until the grace of one that was made later", () => {
  expect(until("2026-11-20T12:00:00+01:00")).toBe("17:00");
  expect(until("2026-11-28T17:55:00+01:00")).toBe("17:05");
});
