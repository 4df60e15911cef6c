// English: what every page says. A catalogue is an object of texts and of functions that make one; the other languages
// must have the same, or the type check fails.
import { pluralOf } from "./language.ts";

const plural = pluralOf("en");

export const en = {
  language: "Language",
  close: "Close",
  cancel: "Cancel",
  save: "Save",
  undo: "Undo",
  logIn: "Log in",
  logOut: "Log out",
  email: "E-mail",
  password: "Password",
  name: "Name",
  phone: "Phone",
  guests: (count: number) => `${count} ${plural(count, { one: "guest", other: "guests" })}`,
  /** For how many the largest table is, or the largest tables that are pushed together. */
  upTo: (guests: number, isJoined: boolean) =>
    `We seat up to ${guests} at ${isJoined ? "tables pushed together" : "a table"}.`,
  minutes: (count: number) => `${count} min`,
  duration: (minutes: number) => {
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    return hours === 0 ? `${rest} min` : rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  },
  ago: (seconds: number) => (seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`),

  hold: {
    kept: (where: string, left: string) => `Kept for ${left}${where && ` · ${where}`}`,
    longer: "Keep it longer",
    wasLonger: "Kept longer",
    again: "Keep it again",
    over: "The table is not kept any more.",
    not: "Not kept.",
    isKept: "The table is kept for five minutes.",
    isLonger: "The table is kept five minutes longer.",
    lastMinute: "The table is kept for one more minute.",
  },

  live: {
    live: (seconds: number) => `live, checked ${seconds} s ago`,
    stale: (since: string) => `not sure since ${since}`,
    offline: (since: string) => `offline since ${since}`,
    offlineAtAll: "offline",
    connecting: "connecting …",
    stopped: "stopped: log in again",
    saidLive: "Live again.",
    saidStale: "The connection is lost. What is shown may be old, and can't be changed for now.",
  },

  problems: {
    unreachable: "The hub has not answered. It is not known whether this was done: look, and try again.",
    slot_taken: "That table is taken at that time.",
    hold_over: "The table was kept no longer, and is taken by now.",
    hold_limit: "No more can be kept for you now. You can book all the same.",
    hold_differs: "The table is kept for another time, or for fewer guests.",
    outside_opening_hours: "The restaurant is not open for the whole of that time.",
    in_the_past: "That time is over already.",
    too_far_ahead: "That day can't be booked yet.",
    table_too_small: "There is no table large enough for so many.",
    too_late_to_cancel: "It is too late to cancel this booking.",
    too_late_to_change: "It is too late to change this booking.",
    nonexistent_local_time: "The clocks are put forward over that time: it doesn't exist on that day.",
    conflict: "That is not possible any more: the booking has another status now.",
    changed: "Somebody else changed this first.",
    already_canceled: "This booking is canceled already.",
    already_over: "This booking is over.",
    forbidden: "You may not do this.",
    not_found: "This is not there any more.",
    auth_error: "E-mail or password is wrong.",
    too_many_attempts: "Too many attempts. Wait a little, and try again.",
    too_many_requests: "That was too much at once. Try again in a moment.",
    overloaded: "The hub is very busy. Try again in a moment.",
    unavailable: "The hub can't answer right now. Try again in a moment.",
    already_waiting: "This guest is waiting already.",
    passed_over: "Somebody who waits before them would get that table.",
    no_wait: "A table is free: seat them.",
    waitlist_closed: "The wait list is closed.",
    session_over: "Your session has ended. Please log in again.",
    email_taken: "There is an account with this e-mail already.",
    phone_taken: "There is an account with this phone number already.",
    name_taken: "This name is taken already.",
    table_in_use: "A booking that is still to come holds this table, or would not fit at it any more.",
    too_many_bookings:
      "You have as many bookings as one guest may have, or as many at that time. Cancel one, or call us.",
    combination_invalid: "These tables can't be pushed together like that.",
    outcome_unknown: "It is not known whether this was done: look, and try again.",
    malformed: "The hub does not understand what was entered.",
    internal: "Something went wrong in the hub. Try again in a moment.",
    exceed_without_reason: "Say why: a reason is needed.",
    has_bookings: "There are bookings still to come: cancel them first.",
    idempotency_mismatch: "This was asked for before, and differently. Try again.",
    in_progress: "This is being done right now. Try again in a moment.",
    last_owner: "Somebody must stay the owner of this restaurant.",
    too_large: "That is too much at once.",
    validation_error: "The hub does not understand what was entered.",
  } as Record<string, string>,
};

export type Words = typeof en;
