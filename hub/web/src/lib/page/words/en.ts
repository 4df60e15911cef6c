// English: what the guest's and the owner's page and those of mails' links say alike.
import { en as shared } from "../../words/en.ts";

export const en = {
  ...shared,
  register: "Register",
  newHere: "I am new here",
  haveAccount: "I have an account",
  forgot: "Forgot the password?",
  sessionOver: "Your session has ended. Please log in again.",
  loggedOut: "You are logged out.",
  unreached: "The hub does not answer at the moment. It is asked again by itself.",
  loading: "loading …",
  toMain: "To the content",
  tryAgain: "Try again",
  change: "Change",
  remove: "Remove",
  pages: "Pages",
  toBooking: "Booking page",
  toStand: "Host stand",
  toAdmin: "Tables and areas",
  check: (fields: string) => `Please check: ${fields}.`,
  passwordHelp:
    "A password has at least 8 characters, is none of the commonest, and is not made of your name or address.",
  fields: {
    email: "e-mail",
    password: "password",
    full_name: "name",
    phone_number: "phone",
    date: "date",
    time: "time",
    guests: "guests",
    table_id: "table",
    name: "name",
    seats: "seats",
    rank: "order",
    table_ids: "tables",
    min_guests: "least guests",
    max_guests: "most guests",
  } as Record<string, string>,
  problems: {
    ...shared.problems,
    too_late_to_cancel: "It is too late to cancel this booking here. Please call us.",
    too_late_to_change: "It is too late to change this booking here. Please call us.",
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
  } as Record<string, string>,
};

export type PageWords = typeof en;
