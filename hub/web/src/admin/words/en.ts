// English: what the owner's page says.
import { en as shared } from "../../lib/page/words/en.ts";
import { pluralOf } from "../../lib/words/language.ts";

const plural = pluralOf("en");
const seatsOf = (count: number) => `${count} ${plural(count, { one: "seat", other: "seats" })}`;
const tablesOf = (count: number) => `${count} ${plural(count, { one: "table", other: "tables" })}`;

export const en = {
  ...shared,
  title: "Tables and areas",
  notManager: "This page is for managers and owners of the restaurant.",
  plan: "Plan",
  tables: "Tables",
  areas: "Areas",
  combinations: "Tables that join",
  noArea: "no area",
  area: "Area",
  seats: "Seats",
  seatsOf,
  unitSeats: "seats",
  unitGuests: "guests",
  unitRank: "order",
  rank: "Order",
  add: "Add",
  newTable: "New table",
  newArea: "New area",
  reallyRemove: "Really remove?",
  saveLabel: (name: string) => `Save ${name}`,
  removeLabel: (name: string) => `Remove ${name}`,
  nameLabel: (name: string) => `Name of ${name}`,
  seatsLabel: (name: string) => `Seats of ${name}`,
  areaLabel: (name: string) => `Area of ${name}`,
  rankLabel: (name: string) => `Order of ${name}`,
  leastLabel: (name: string) => `Least guests of ${name}`,
  mostLabel: (name: string) => `Most guests of ${name}`,
  noTables: "There is no table yet.",
  noAreas: "There is no area yet. Areas are the parts of the room: terrace, main room, …",
  noCombinations: "No tables join yet.",
  summary: (tables: number, seats: number) => `${tablesOf(tables)} · ${seatsOf(seats)}`,
  least: "Least guests",
  most: "Most guests",
  guestsRange: (least: number, most: number) => `${least}–${most} guests`,
  joinName: "Name (may be left out)",
  joinTables: "Tables",
  added: (name: string) => `${name} is added.`,
  saved: (name: string) => `${name} is saved.`,
  removed: (name: string) => `${name} is removed.`,
  isNow: (what: string) => `Somebody else has made it ${what}. Save puts what you typed in its place.`,

  planHelp: "Drag a table, or choose one and use the arrow keys (with Shift: farther). It is saved at once.",
  planOf: (area: string) => `Plan: ${area}`,
  onPlan: (name: string, seats: number, x: number, y: number) =>
    `${name}, ${seatsOf(seats)}, ${x} % from the left, ${y} % from the top`,
  emptyPlan: "No table stands on this plan yet.",
  unplaced: "Not on the plan",
  place: " put on the plan",
  chosen: (name: string) => `Table ${name}`,
  shape: "Shape",
  rect: "rectangle",
  round: "round",
  width: "Width",
  height: "Height",
  turn: "Turn",
  takeOff: "Take off the plan",
  undone: (name: string) => `${name} stands where it stood before.`,
  undoLabel: (name: string) => `Undo: put ${name} back`,

  rules: {
    members: "Choose two to eight tables.",
    retired: "One of these tables is not there any more.",
    one_area: "Only tables of one area join.",
    guests: "The most guests can't be fewer than the least.",
    needed: "Joined, the tables must take more guests than the largest of them does alone.",
    seats: "Joined, the tables can't take more guests than they have seats together.",
    once: "These tables join already.",
  } as Record<string, string>,
  clamp: (name: string, most: number) => `Save, and join ${name} for at most ${most}`,
  breaksOther: (name: string) => `Then ${name} would not do any more.`,
};

export type Words = typeof en;
