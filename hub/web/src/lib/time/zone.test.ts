import { expect, test } from "vitest";
import { formatsOf } from "./format.ts";
import { instantOf, isRepeated, localText, nextShowings, shiftDate, wallOf } from "./zone.ts";

const LISBON = "Europe/Lisbon";

test("an instant is read in the venue's zone", () => {
  expect(wallOf(LISBON, Date.parse("2026-11-28T19:30:00Z"))).toEqual({ date: "2026-11-28", time: "19:30" });
  expect(wallOf("Asia/Kolkata", Date.parse("2026-11-28T19:30:00Z"))).toEqual({ date: "2026-11-29", time: "01:00" });
  expect(wallOf("America/St_Johns", Date.parse("2026-11-28T00:00:00Z"))).toEqual({ date: "2026-11-27", time: "20:30" });
});

test("a wall time and back, on every hour of days on which clocks are set", () => {
  for (const date of ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"])
    for (let hour = 0; hour < 24; hour++) {
      const time = `${String(hour).padStart(2, "0")}:30`;
      const back = wallOf(LISBON, instantOf(LISBON, date, time));
      if (date === "2026-03-29" && hour === 1) expect(back.time).toBe("02:30");
      else expect(back).toEqual({ date, time });
    }
});

test("of a time that occurs twice it is the first", () => {
  expect(instantOf(LISBON, "2026-10-25", "01:30")).toBe(Date.parse("2026-10-25T00:30:00Z"));
});

test("a time that occurs twice says which of the two it is, and no other does", () => {
  const times = ["23:59", "00:00", "00:30", "01:00", "01:59", "02:00"].map((time, after) =>
    Date.parse(`2026-10-${after === 0 ? 24 : 25}T${time}:00Z`),
  );
  expect(times.map((at) => isRepeated(LISBON, at))).toEqual([false, true, true, true, true, false]);
  const berlin = formatsOf("en-GB", "Europe/Berlin").time;
  const labels = ["2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"];
  expect(labels.map((at) => berlin(Date.parse(at)).replace(/^0/, ""))).toEqual([
    ...["1:30", "2:30 GMT+2", "2:30 GMT+1", "3:30"],
  ]);
  expect(isRepeated(LISBON, Date.parse("2026-03-29T01:30:00Z"))).toBe(false);
});

test("the clock next shows a time tonight, twice where it is set back meanwhile, or tomorrow", () => {
  const next = (after: string, time: string) =>
    nextShowings(LISBON, Date.parse(after), time).map((at) => localText(LISBON, at));
  expect(next("2026-10-24T22:00:00Z", "01:30")).toEqual(["2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00"]);
  expect(next("2026-10-25T00:30:00Z", "01:30")).toEqual(["2026-10-25T01:30:00+00:00"]);
  expect(next("2026-10-25T00:30:00Z", "01:00")).toEqual(["2026-10-25T01:00:00+00:00"]);
  expect(next("2026-10-25T01:30:00Z", "01:30")).toEqual(["2026-10-26T01:30:00+00:00"]);
  expect(next("2026-03-29T00:30:00Z", "01:30")).toEqual(["2026-03-29T02:30:00+01:00"]);
});

test("instants are written as the hub writes them", () => {
  expect(localText(LISBON, Date.parse("2026-07-01T18:00:00Z"))).toBe("2026-07-01T19:00:00+01:00");
  expect(localText("America/St_Johns", Date.parse("2026-11-28T00:00:00Z"))).toBe("2026-11-27T20:30:00-03:30");
});

test("a day later is a calendar day later", () => {
  expect(shiftDate("2026-10-25", 1)).toBe("2026-10-26");
  expect(shiftDate("2026-03-01", -1)).toBe("2026-02-28");
});

test("12 or 24 hours are the language's", () => {
  const at = Date.parse("2026-11-28T19:30:00Z");
  expect(formatsOf("en-US", LISBON).time(at)).toMatch(/^7:30\sPM$/u);
  expect(formatsOf("en-GB", LISBON).time(at)).toBe("19:30");
  expect(formatsOf("ru", LISBON).time(at)).toBe("19:30");
  expect(["en-US", "en-GB", "ru"].map((each) => formatsOf(each, LISBON).hours)).toEqual(["12", "24", "24"]);
  expect(formatsOf("en-GB", LISBON).countdown(247_001)).toBe("4:08");
});
