// The wire into the model: instants become numbers, and what is not there its quiet value. Pure.

import type {
  WireAnswer,
  WireBlock,
  WireBooking,
  WireFloor,
  WireHold,
  WireRoom,
  WireVenue,
  WireWaiting,
} from "../../lib/api/wire.ts";
import type { Block, Booking, Floor, Hold, Room, Rules, Shift, Undo, Waiting } from "./types.ts";

const at = (text: string): number => Date.parse(text);
const atOrNull = (text: string | null): number | null => (text ? Date.parse(text) : null);

function mapOf<W, M>(entries: Record<string, W> | undefined, read: (id: number, wire: W) => M): Map<number, M> {
  return new Map(Object.entries(entries ?? {}).map(([id, wire]) => [Number(id), read(Number(id), wire)]));
}

const readUndo = (wire: WireBooking["undo"] | undefined): Undo | null =>
  wire
    ? { action: wire.action, until: at(wire.until), swapWith: wire.swap_with, day: wire.service_date ?? null }
    : null;

export function readBooking(id: number, wire: WireBooking): Booking {
  return {
    id,
    tables: wire.tables,
    start: at(wire.start_at),
    end: at(wire.end_at),
    guests: wire.guests,
    status: wire.status,
    guestId: wire.guest_id,
    name: wire.guest_name,
    phone: wire.phone_number,
    guestNotes: wire.guest_notes ?? [], // a day that was kept on the device may be older than they are
    note: wire.note ?? "",
    houseNote: wire.house_note ?? "",
    occasion: wire.occasion ?? "",
    needs: wire.needs,
    channel: wire.channel,
    reference: wire.reference,
    pinned: wire.pinned,
    arrivedAt: atOrNull(wire.arrived_at),
    seatedAt: atOrNull(wire.seated_at),
    leftAt: atOrNull(wire.left_at),
    undo: readUndo(wire.undo),
    revision: wire.revision,
  };
}

/** A booking as the hub tells it alone, whatever day it is on; of a canceled one, which no floor shows, as it was. */
export function readAnswer(wire: WireAnswer): Booking {
  return readBooking(wire.id, {
    ...wire,
    table_id: wire.table.id,
    tables: wire.tables.map(({ id }) => id),
    status: wire.status === "canceled" ? "booked" : wire.status,
    guest_id: wire.guest.id,
    guest_name: wire.guest.name,
    phone_number: wire.guest.phone,
    guest_notes: [], // only a floor names them
    house_note: wire.house_note ?? null,
    undo: wire.undo ?? null,
  });
}

const readBlock = (id: number, wire: WireBlock): Block => ({
  id,
  tables: wire.tables,
  start: at(wire.start_at),
  end: at(wire.end_at),
  reason: wire.reason,
});

const readHold = (id: number, wire: WireHold): Hold => ({
  id,
  tables: wire.tables,
  start: at(wire.start_at),
  end: at(wire.end_at),
  guests: wire.guests,
  expires: at(wire.expires_at),
  by: wire.by,
});

const readWaiting = (id: number, wire: WireWaiting): Waiting => ({
  id,
  guestId: wire.guest_id ?? null,
  guests: wire.guests,
  name: wire.guest_name,
  phone: wire.phone_number,
  guestNotes: wire.guest_notes ?? [], // as of a booking
  status: wire.status,
  place: wire.place,
  joined: at(wire.joined_at),
  quotedFrom: atOrNull(wire.quoted_from),
  quotedUntil: atOrNull(wire.quoted_until),
  promisedUntil: atOrNull(wire.promised_until),
  areaId: wire.area_id ?? null,
  revision: wire.revision,
});

export function readFloor(wire: WireFloor | null): Floor {
  return {
    bookings: mapOf(wire?.bookings, readBooking),
    blocks: mapOf(wire?.blocks, readBlock),
    holds: mapOf(wire?.holds, readHold),
    waitlist: mapOf(wire?.waitlist, readWaiting),
  };
}

export function readRoom(wire: WireRoom | null): Room {
  return {
    tables: mapOf(wire?.tables, (id, { name, seats, area_id, place }) => ({
      ...{ id, name, seats, areaId: area_id, place },
    })),
    areas: mapOf(wire?.areas, (id, { name, rank }) => ({ id, name, rank })),
    combinations: Object.entries(wire?.combinations ?? {}).map(([id, each]) => ({
      ...{ id: Number(id), name: each.name, tables: each.tables, min: each.min_guests, max: each.max_guests },
    })),
  };
}

export function readShifts(venue: Pick<WireVenue, "shifts"> | null): Shift[] {
  return (venue?.shifts ?? []).map((shift) => ({
    id: shift.id,
    date: shift.date,
    name: shift.name,
    opens: at(shift.opens),
    lastSeating: at(shift.last_seating),
    closes: at(shift.closes),
  }));
}

export function readRules(venue: Pick<WireVenue, "rules"> | null): Rules {
  const turns = venue?.rules?.turns ?? [];
  return {
    step: venue?.rules?.step ?? 15,
    turns: turns.map((turn) => ({ upTo: turn.guests_up_to, minutes: turn.minutes })),
  };
}

/** How long a party of this size sits, in ms. */
export function turnOf(rules: Rules, guests: number): number {
  const found = rules.turns.find(({ upTo }) => guests <= upTo) ?? rules.turns.at(-1);
  return (found?.minutes ?? 120) * 60_000;
}
