// What stands on the wire, as this page reads it: the hub's own types, and those fields that an older hub leaves out.
import type { components } from "../../generated/live.ts";
import type { components as Rest } from "../../generated/rest.ts";

type Live = components["schemas"];
type Instant = string;

interface NewerBooking {
  status: string;
  tables: number[];
  guest_id: number | null;
  note: string | null;
  house_note: string | null;
  occasion: string | null;
  needs: string[];
  channel: string;
  reference: string;
  pinned: boolean;
  arrived_at: Instant | null;
  seated_at: Instant | null;
  left_at: Instant | null;
  undo: { action: string; until: Instant } | null;
}
export type WireBooking = Omit<Live["booking"], keyof NewerBooking> & Partial<NewerBooking> & { status: string };

export interface WireBlock {
  tables: number[];
  start_at: Instant;
  end_at: Instant;
  reason: string | null;
  revision: number;
}

export interface WireHold {
  tables: number[];
  start_at: Instant;
  end_at: Instant;
  guests: number;
  expires_at: Instant;
  by?: string | null;
}

export interface WireWaiting {
  guests: number;
  guest_id?: number | null;
  guest_name: string;
  phone_number: string | null;
  status: string;
  place: number;
  joined_at: Instant;
  quoted_from: Instant | null;
  quoted_until: Instant | null;
  promised_until: Instant | null;
  revision: number;
}

type ById<T> = Record<string, T>;

export interface WireFloor {
  bookings?: ById<WireBooking>;
  blocks?: ById<WireBlock>;
  holds?: ById<WireHold>;
  waitlist?: ById<WireWaiting>;
}

export interface WireTable {
  name: string;
  seats: number;
  area_id?: number | null;
  place?: { x: number; y: number; width: number; height: number; shape: string; turn: number } | null;
}

export interface WireRoom {
  tables?: ById<WireTable>;
  areas?: ById<{ name: string; rank: number }>;
  combinations?: ById<{ name: string; tables: number[]; min_guests: number; max_guests: number }>;
}

export type WireVenue = Omit<Rest["schemas"]["VenueFacts"], "now"> & { now?: string };
export type WireAccount = Rest["schemas"]["AccountAnswer"];
export type WireVenues = Rest["schemas"]["Venues"];
export type WireHistory = Rest["schemas"]["HistoryAnswer"];
export type WireAnswer = Rest["schemas"]["BookingAnswer"] & Partial<Pick<NewerBooking, "tables">>;

export interface WireGuest {
  id: number;
  name: string;
  phone: string | null;
  visits?: number;
  no_shows?: number;
  last?: { date: string; table: string } | null;
  usual_guests?: number | null;
  notes?: { kind: string; text: string }[];
}

export interface WirePeople {
  people?: Record<string, { name: string; card: number | null; dragging: number | null }>;
}
