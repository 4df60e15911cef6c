// Which service day is on, by what the hub tells and the hub's clock. Pure: neither a document nor a clock of its own.
import { minutesOn, shiftDay } from "./times.js";

export class Today {
  day = null; // "2026-11-28": the service day that is on
  zone = null; // the venue's zone
  hours = null; // {from, to}: minutes of a service day in which the house is open
  endsAt = null; // ms since 1970; null while only a new answer of the hub can say

  /** Takes what GET /venue or `connected` says. */
  learn(venue) {
    if (!venue?.service_day) return;
    const endsAt = Date.parse(venue.day_ends_at);
    Object.assign(this, { day: venue.service_day, zone: venue.zone, endsAt: Number.isFinite(endsAt) ? endsAt : null });
    const shifts = (venue.shifts ?? []).filter(({ date }) => date === venue.shifts[0].date);
    if (shifts.length === 0) return;
    const [opens, closes] = [shifts[0], shifts.at(-1)].map(({ date, ...at }, last) => minutesOn(date, last ? at.closes : at.opens));
    this.hours = { from: opens, to: closes };
  }

  /**
   * Moves on where the day has ended at `now` (the hub's clock, ms; null: not known). True: it has, and how long the
   * next one lasts must be asked.
   */
  rollOver(now) {
    if (this.endsAt === null || now === null || now < this.endsAt) return false;
    this.day = shiftDay(this.day, 1);
    this.endsAt = null;
    return true;
  }
}
