// From what a channel holds to what the room draws: rows and bars, with minutes of the service day. Pure.
import { name } from "./dom.js";
import { minutesOn, span, wall } from "./times.js";

// A canceled booking takes no table; where one is still listed it is a line of the list and not a bar.
const TAKES_NO_TABLE = new Set(["canceled"]);
const NOON = 12 * 60;
const MIDNIGHT = 24 * 60;

export const statusWords = (status) => String(status ?? "").replaceAll("_", " ");
export const guestWords = (guests) => (guests === 1 ? "1 guest" : `${guests} guests`);

/** Tables in the order people look for them: by name, with T2-10 after T2-9. */
export function tableRows(tables) {
  const collator = new Intl.Collator(undefined, { numeric: true });
  return Object.entries(tables ?? {})
    .map(([id, { name, seats }]) => ({ id, name, seats }))
    .sort((a, b) => collator.compare(a.name, b.name) || Number(a.id) - Number(b.id));
}

/** Bars of availability:DAY: when each table is taken, and nothing about by whom. */
export function availabilityBars(data, day) {
  return Object.entries(data?.tables ?? {}).flatMap(([tableId, intervals]) =>
    intervals.map(([startAt, endAt]) => ({
      key: `${tableId} ${startAt}`,
      tableId,
      from: minutesOn(day, startAt),
      to: minutesOn(day, endAt),
      title: ["Taken"],
      time: span(startAt, endAt),
      lines: [span(startAt, endAt)],
      status: "taken",
    })),
  );
}

/** Bookings of floor:DAY as a list, by start. */
export function floorList(data) {
  return Object.entries(data?.bookings ?? {})
    .map(([id, booking]) => ({ id, ...booking }))
    .sort((a, b) => a.start_at.localeCompare(b.start_at) || Number(a.id) - Number(b.id));
}

/** Bars of floor:DAY: who sits where, when. */
export function floorBars(data, day) {
  return floorList(data)
    .filter((booking) => !TAKES_NO_TABLE.has(booking.status))
    .map((booking) => ({
      key: booking.id,
      tableId: String(booking.table_id),
      from: minutesOn(day, booking.start_at),
      to: minutesOn(day, booking.end_at),
      title: [`${wall(booking.start_at)?.time ?? ""} `, name(booking.guest_name ?? "Guest")],
      time: span(booking.start_at, booking.end_at),
      lines: [`${guestWords(booking.guests)} · ${statusWords(booking.status)}`, booking.phone_number ?? ""],
      status: booking.status,
      booking,
    }));
}

/** The hours across: those in which the house is open, widened to whole hours by what is taken. */
export function axisOf(bars, hours) {
  const from = Math.min(hours?.from ?? NOON, ...bars.map((bar) => bar.from));
  const to = Math.max(hours?.to ?? MIDNIGHT, ...bars.map((bar) => bar.to));
  return { from: Math.floor(from / 60) * 60, to: Math.ceil(to / 60) * 60 };
}
