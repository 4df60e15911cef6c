// What the stand knows of a service day, with instants as ms since 1970. The wire is read into it by read.ts.

export type Status = "booked" | "arrived" | "seated" | "finished" | "no_show";

/** What a host sees: the status, and what the clock adds to it. */
export type Phase = "booked" | "late" | "arrived" | "seated" | "overdue" | "finished" | "no_show";

export interface Undo {
  action: string;
  until: number;
  /** With whom it changed tables: both go back. */
  swapWith: number | null;
  /** The day to which it goes back, of what was moved to another one. */
  day: string | null;
}

/** Who dines, or waits to. */
export interface OfGuest {
  guestId: number | null;
  /** Which notes the guest book has about the guest; what they say is read where it is shown. */
  guestNotes: { id: number; kind: string }[];
}

export interface Booking extends OfGuest {
  id: number;
  tables: number[];
  /** As promised. */
  start: number;
  /** When its tables are to be free. */
  end: number;
  guests: number;
  status: Status;
  /** "": a walk-in without a name. */
  name: string;
  phone: string | null;
  note: string;
  houseNote: string;
  occasion: string;
  needs: string[];
  channel: string;
  reference: string;
  pinned: boolean;
  arrivedAt: number | null;
  seatedAt: number | null;
  leftAt: number | null;
  undo: Undo | null;
  revision: number;
}

export interface Block {
  id: number;
  tables: number[];
  start: number;
  end: number;
  reason: string;
}

export interface Hold {
  id: number;
  tables: number[];
  start: number;
  end: number;
  guests: number;
  expires: number;
  by: string | null;
}

export interface Waiting extends OfGuest {
  id: number;
  guests: number;
  name: string;
  phone: string | null;
  status: "waiting" | "ready" | "here";
  place: number;
  joined: number;
  quotedFrom: number | null;
  quotedUntil: number | null;
  promisedUntil: number | null;
  /** Only a table of this area will do. */
  areaId: number | null;
  revision: number;
}

export interface Floor {
  bookings: Map<number, Booking>;
  blocks: Map<number, Block>;
  holds: Map<number, Hold>;
  waitlist: Map<number, Waiting>;
}

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
  shape: "rect" | "round";
  turn: number;
}

export interface Table {
  id: number;
  name: string;
  seats: number;
  areaId: number | null;
  place: Place | null;
}

export interface Area {
  id: number;
  name: string;
  rank: number;
}

export interface Combination {
  id: number;
  name: string;
  tables: number[];
  min: number;
  max: number;
}

export interface Room {
  tables: Map<number, Table>;
  areas: Map<number, Area>;
  combinations: Combination[];
}

export interface Shift {
  id: number;
  date: string;
  name: string;
  opens: number;
  lastSeating: number;
  closes: number;
}

export interface Rules {
  step: number;
  /** How long a party sits, by its size: the first that reaches. */
  turns: { upTo: number; minutes: number }[];
}

export interface Span {
  start: number;
  end: number;
}

export const sameTables = (a: number[], b: number[]): boolean =>
  a.length === b.length && a.every((each) => b.includes(each));

export const overlap = (a: Span, b: Span): boolean => a.start < b.end && b.start < a.end;
