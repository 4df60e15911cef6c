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
  anotherTable: "Another table",
  keptTooSmall: "The table of this booking is too small for so many.",
  nothingThen: "No table for so many is free at that time.",
  pages: "Pages",
  toBooking: "Booking page",
  toStand: "Host stand",
  toAdmin: "Tables and areas",
  guestsUpTo: (guests: number) => `Bookings are for up to ${guests} guests here.`,
  callForMore: "Are you more? Please call us.",
  check: (fields: string) => `Please check: ${fields}.`,
  passwordHelp:
    "A password has at least 8 characters, is none of the commonest, and is not made of your name or address.",
  reach: (phone: string) => `Phone: ${phone}`,
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
  } as Record<string, string>,
};

export type PageWords = typeof en;
