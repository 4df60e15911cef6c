// A small floor for the tests of the model: four tables, two of which join, on one evening.
import type { Booking, Floor, Room, Shift, Waiting } from "../types.ts";

export const DAY = "2026-11-28";
export const clock = (time: string): number => Date.parse(`${DAY}T${time}:00Z`);

export const shift: Shift = {
  id: 1,
  date: DAY,
  name: "Dinner",
  opens: clock("18:00"),
  lastSeating: clock("21:30"),
  closes: clock("23:30"),
};

export const rules = { step: 15, turns: [{ upTo: 20, minutes: 120 }] };

const table = (id: number, name: string, seats: number, areaId: number | null) =>
  [id, { id, name, seats, areaId, place: null }] as const;

export const room: Room = {
  tables: new Map([
    table(1, "T2-1", 2, 10),
    table(2, "T2-2", 2, 10),
    table(3, "T4-1", 4, 20),
    table(4, "T10-1", 6, 20),
  ]),
  areas: new Map([
    [10, { id: 10, name: "Terrace", rank: 1 }],
    [20, { id: 20, name: "Main", rank: 2 }],
  ]),
  combinations: [{ id: 1, name: "T2-1+T2-2", tables: [1, 2], min: 3, max: 4 }],
};

export function booking(id: number, start: string, more: Partial<Booking> = {}): Booking {
  return {
    ...{ id, tables: [1], start: clock(start), end: clock(start) + 2 * 3_600_000, guests: 2, status: "booked" },
    ...{
      guestId: null,
      name: `Guest ${id}`,
      phone: null,
      guestNotes: [],
      note: "",
      houseNote: "",
      occasion: "",
      needs: [],
    },
    ...{ channel: "account", reference: "", pinned: false, arrivedAt: null, seatedAt: null, leftAt: null },
    ...{ undo: null, revision: 1 },
    ...more,
  } as Booking;
}

export function floorOf(bookings: Booking[], more: Partial<Floor> = {}): Floor {
  return {
    bookings: new Map(bookings.map((each) => [each.id, each])),
    ...{ blocks: new Map(), holds: new Map(), waitlist: new Map() },
    ...more,
  };
}

export const waits = (id: number, place: number): [number, Waiting] => [
  id,
  {
    ...{ id, guestId: 1, guests: 2, name: "Smith", phone: null, status: "waiting", place, joined: clock("19:30") },
    ...{ guestNotes: [], quotedFrom: null, quotedUntil: null, promisedUntil: null, areaId: null, revision: 1 },
  },
];
