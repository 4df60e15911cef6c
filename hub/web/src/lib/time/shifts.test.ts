import { expect, test } from "vitest";
import { endsOnDay, isFirst, onServiceDay, shiftsOn, startBody } from "./shifts.ts";
import { localText, nextShowings } from "./zone.ts";

const LISBON = "Europe/Lisbon";
const shift = (date: string, offset: string) => ({
  ...{ date, id: 1, name: "Dinner", opens: `${date}T18:00:00${offset}` },
  ...{ last_seating: `${date}T21:00:00${offset}`, closes: `${date}T23:00:00${offset}` },
});

test("a day that the hub told has its own shifts", () => {
  const [found] = shiftsOn([shift("2026-10-24", "+01:00"), shift("2026-10-25", "+00:00")], LISBON, "2026-10-24");
  expect(found?.opens).toBe(Date.parse("2026-10-24T18:00:00+01:00"));
});

test("a later day is like its weekday, by the clock and not by hours", () => {
  const found = shiftsOn([shift("2026-10-24", "+01:00")], LISBON, "2026-10-31");
  expect(found.map(({ opens, closes }) => [localText(LISBON, opens), localText(LISBON, closes)])).toEqual([
    ["2026-10-31T18:00:00+00:00", "2026-10-31T23:00:00+00:00"],
  ]);
  expect(shiftsOn([shift("2026-10-24", "+01:00")], LISBON, "2026-11-01")).toEqual([]);
});

test("a shift after midnight stays on its service day", () => {
  const late = { ...shift("2026-11-27", "+00:00"), closes: "2026-11-28T02:00:00+00:00" };
  const [found] = shiftsOn([late], LISBON, "2026-12-04");
  expect(localText(LISBON, found?.closes ?? 0)).toBe("2026-12-05T02:00:00+00:00");
});

test("a time after midnight is of the service day that is on", () => {
  const shifts = [{ opens: Date.parse("2026-11-28T18:00:00Z"), closes: Date.parse("2026-11-29T02:00:00Z") }];
  const found = ["23:30", "00:30", "02:00", "04:00"].flatMap((time) =>
    onServiceDay(LISBON, "2026-11-28", time, shifts),
  );
  expect(found.map((at) => localText(LISBON, at).slice(8, 16))).toEqual([
    ...["28T23:30", "29T00:30", "29T02:00", "28T04:00"],
  ]);
});

test("a time that the clock shows twice within a service day is two instants", () => {
  const shifts = [{ opens: Date.parse("2026-10-24T18:00:00Z"), closes: Date.parse("2026-10-25T03:00:00Z") }];
  const found = onServiceDay(LISBON, "2026-10-24", "01:30", shifts).map((at) => localText(LISBON, at));
  expect(found).toEqual(["2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00"]);
});

test("an end that is not after its start is of the next service day, but not one in the night", () => {
  const shifts = ["2026-11-28T18:00:00Z", "2026-11-28T12:00:00Z"].map((opens) => ({ opens: Date.parse(opens) }));
  const ends = (from: string, until: string) =>
    endsOnDay(LISBON, nextShowings(LISBON, Date.parse(`2026-11-${from}:00Z`), until)[0] ?? 0, shifts);
  expect([ends("28T18:30", "19:00"), ends("28T23:00", "00:30"), ends("29T00:15", "01:00")]).toEqual([true, true, true]);
  expect([ends("28T19:00", "18:30"), ends("28T18:30", "18:30"), ends("29T00:30", "00:15")]).toEqual([
    false,
    false,
    false,
  ]);
});

test("a start has an offset only where the clock shows it twice", () => {
  expect(startBody(LISBON, Date.parse("2026-11-28T19:30:00Z"))).toEqual({ date: "2026-11-28", time: "19:30" });
  expect(startBody(LISBON, Date.parse("2026-10-25T00:30:00Z"))).toEqual({ date: "2026-10-25", time: "01:30" });
  expect(["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].map((at) => isFirst(LISBON, Date.parse(at)))).toEqual([
    true,
    false,
  ]);
  const again = { date: "2026-10-25", time: "01:30:00+00:00" };
  expect(startBody(LISBON, Date.parse("2026-10-25T01:30:00Z"))).toEqual(again);
});
