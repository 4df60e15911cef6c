// English: what the guest's page says.
import { needs } from "../../../print/en.json";
import { en as shared } from "../../lib/page/words/en.ts";
import { pluralOf } from "../../lib/words/language.ts";

const plural = pluralOf("en");

export const en = {
  ...shared,
  title: "Book a table",
  openToday: (hours: string) => `Open today ${hours}.`,
  openNext: (day: string, hours: string) => `Next open: ${day}, ${hours}.`,
  allDay: "all day",
  bookHead: "A table",
  date: "Date",
  dayBefore: "Day before",
  dayAfter: "Day after",
  time: "Time",
  guestCount: "Guests",
  table: "Table",
  anyTable: "any that fits",
  seats: (count: number) => `${count} ${plural(count, { one: "seat", other: "seats" })}`,
  taken: "taken",
  freeTimes: "Free times",
  takenTime: (time: string) => `${time}, taken`,
  nothingFree: "Nothing is free for so many on that day.",
  noTimes: "No time of that day can be booked any more, or the restaurant is closed.",
  notShown: "This day can't be shown.",
  goneTime: "That time has just been taken. It can be asked for all the same: what is free beside it is then offered.",
  book: "Book the table",
  goOn: "Continue",
  thenLogIn: "Then you log in, or make an account. What you have chosen stays.",
  toBook: (chosen: string) => `${chosen}. Log in or register to book it; what you have chosen stays.`,
  nowBook: "You are logged in. Now book the table.",
  note: "Anything we should know?",
  moreToSay: "An occasion, or something you need at the table",
  occasion: "Occasion",
  needs: "What you need",
  needNames: needs as Record<string, string>,
  sameTable: "the same",
  pinned: "We keep this table for you.",
  pinnedHelp:
    "We have chosen this table for you, and keep it at another time too. For another one, name it or call us.",
  until: (when: string) => `Change or cancel until ${when}.`,
  tooLate: "It is too late to change or cancel this booking here. Please call us.",
  fewerStill: "If fewer of you come, you can still say so.",
  booked: (when: string, table: string, reference: string) =>
    `Booked: ${when}, table ${table}. Reference ${reference}.`,
  instead: "Free instead. Choose one to book it:",
  nextTime: (time: string) => `The next time that exists on that day is ${time}.`,

  mine: "My bookings",
  noMine: "Nothing booked.",
  mineByLogIn: "Have you booked already? Log in to see your bookings, to change or cancel them.",
  atTable: "Table",
  status: {
    booked: "booked",
    arrived: "arrived",
    seated: "seated",
    finished: "over",
    no_show: "missed",
    canceled: "canceled",
  } as Record<string, string>,
  changeLabel: (what: string) => `Change: ${what}`,
  cancelLabel: (what: string) => `Cancel: ${what}`,
  cancelBooking: "Cancel",
  reallyCancel: "Really cancel?",
  canceled: (what: string) => `Canceled: ${what}.`,
  changeHead: "Change the booking",
  saveChange: "Save the change",
  changed: (when: string, table: string) => `Changed: ${when}, table ${table}.`,
  movedMeanwhile: (now: string) => `This booking was changed meanwhile. It is now: ${now}.`,
  goneMeanwhile: "This booking is not there any more.",
  takeNew: "Go on from there",
};

export type Words = typeof en;
