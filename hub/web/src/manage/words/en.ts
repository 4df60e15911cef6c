// English: what the page says that the link of a booking's mail opens.
import { en as shared } from "../../lib/page/words/en.ts";

export const en = {
  ...shared,
  title: "Your booking",
  none: "Open the link in your mail.",
  oldLink: "This link is not valid any more. Please call us.",
  facts: { reference: "Reference", when: "When", guests: "Guests", name: "Name", table: "Table" },
  guestCount: "How many are you?",
  saveGuests: "Change",
  changed: (guests: string, table: string) => `Changed: ${guests}, table ${table}.`,
  cancelBooking: "Cancel the booking",
  sure: "Yes, cancel it",
  canceled: "The booking is canceled.",
  over: "The booking is over.",
  here: "You are with us now.",
};

export type Words = typeof en;
