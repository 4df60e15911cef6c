// What stands on the wire, under the names that pages read it by: the hub's own documents say all of it.
import type { components } from "../../generated/live.ts";
import type { components as Rest } from "../../generated/rest.ts";

type Live = components["schemas"];
type Schemas = Rest["schemas"];
/** What a snapshot of any channel shows. */
type Told = Live["frame_snapshot"]["data"];

export type WireBooking = Live["booking"];
export type WireBlock = Live["block"];
export type WireHold = Live["hold"];
export type WireWaiting = Live["waiting"];
export type WireOwnBooking = Live["own_booking"];
export type WireFloor = Extract<Told, { waitlist: unknown }>;
export type WireRoom = Extract<Told, { combinations: unknown }>;
export type WirePeople = Extract<Told, { people: unknown }>;

/** What GET /venue says and the channel does too. */
export type WireVenue = Omit<Schemas["VenueFacts"], "now">;
/** What GET /days/{date}/starts says, as its channel does. */
export type WireStarts = Schemas["StartsAnswer"];
export type WireAccount = Schemas["AccountAnswer"];
export type WireVenues = Schemas["Venues"];
export type WireAct = Schemas["ActAnswer"];
export type WireActor = Schemas["ActorAnswer"];
export type WireHistory = Schemas["HistoryAnswer"];
export type WireAnswer = Schemas["BookingAnswer"];
export type WireGuest = Schemas["KnownGuest"];
export type WireGuestDetails = Schemas["GuestAnswer"];
export type WireGuestNote = Schemas["GuestNote"];
export type WireGuests = Schemas["KnownGuests"];
