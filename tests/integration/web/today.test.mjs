// Which service day is on, and where the present is: hub/web/today.js and hub/web/times.js.
import assert from "node:assert/strict";
import { test } from "node:test";

import { wallIn } from "../../../hub/web/times.js";
import { Today } from "../../../hub/web/today.js";

const NIGHT = { service_day: "2026-11-28", zone: "Europe/Istanbul", day_ends_at: "2026-11-29T02:00:00+03:00" };
const at = (text) => Date.parse(text);

test("after midnight, in service, today is still the evening that is on", () => {
  const today = new Today();
  today.learn(NIGHT);
  assert.equal(today.rollOver(at("2026-11-29T00:30:00+03:00")), false);
  assert.equal(today.day, "2026-11-28");
});

test("the day rolls over once at its end, by the hub's clock alone", () => {
  const today = new Today();
  today.learn(NIGHT);
  assert.equal(today.rollOver(null), false); // the hub's clock is not known yet
  assert.equal(today.rollOver(at("2026-11-29T01:59:59.999+03:00")), false);
  assert.equal(today.rollOver(at("2026-11-29T02:00:00+03:00")), true);
  assert.equal(today.day, "2026-11-29");
  assert.equal(today.rollOver(at("2026-11-29T09:00:00+03:00")), false); // asked already; the answer tells the next end
  today.learn({ ...NIGHT, service_day: "2026-11-29", day_ends_at: "2026-11-30T02:00:00+03:00" });
  assert.equal(today.rollOver(at("2026-11-29T09:00:00+03:00")), false);
  assert.equal(today.rollOver(at("2026-11-30T02:00:00+03:00")), true);
});

test("the hours of the house, of which some are after midnight", () => {
  const today = new Today();
  const shift = { date: "2026-11-28", opens: "2026-11-28T18:00:00+03:00", closes: "2026-11-29T02:00:00+03:00" };
  today.learn({ ...NIGHT, shifts: [shift, { ...shift, date: "2026-11-29" }] });
  assert.deepEqual(today.hours, { from: 1080, to: 1560 });
  today.learn({ ...NIGHT, shifts: undefined }); // as `connected` tells it
  assert.deepEqual(today.hours, { from: 1080, to: 1560 });
});

test("nothing is guessed before the hub has told", () => {
  const today = new Today();
  assert.equal(today.rollOver(at("2026-11-30T02:00:00+03:00")), false);
  today.learn(null);
  today.learn({});
  assert.deepEqual([today.day, today.zone], [null, null]);
});

test("the present is the venue's wall time of an instant, whatever day is looked at", () => {
  const present = (text, zone) => wallIn(zone, at(text));
  assert.deepEqual(present("2026-11-28T21:30:10Z", "Europe/Istanbul"), { day: "2026-11-29", minutes: 30 });
  assert.deepEqual(present("2026-11-28T23:59:59Z", "UTC"), { day: "2026-11-28", minutes: 1439 });
  // Both sides of a change of the clocks: each instant has the offset of its own day.
  assert.deepEqual(present("2026-10-25T00:30:00Z", "Europe/Berlin"), { day: "2026-10-25", minutes: 150 });
  assert.deepEqual(present("2026-10-25T01:30:00Z", "Europe/Berlin"), { day: "2026-10-25", minutes: 150 });
  assert.deepEqual(present("2026-03-29T01:30:00Z", "Europe/Berlin"), { day: "2026-03-29", minutes: 210 });
});

test("without the zone or the hub's clock there is no present", () => {
  assert.equal(wallIn(null, 0), null);
  assert.equal(wallIn("Europe/Berlin", null), null);
});
