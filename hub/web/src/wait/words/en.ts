// English: what the page says that a guest's link to their place on the wait list opens.
import { en as shared } from "../../lib/page/words/en.ts";
import { pluralOf } from "../../lib/words/language.ts";

const plural = pluralOf("en");

export const en = {
  ...shared,
  title: "Your place",
  none: "Open the link that we gave you.",
  oldLink: "This link is not valid any more. Please ask us.",
  ahead: (count: number) =>
    count === 0
      ? "You are next."
      : `${count} ${plural(count, { one: "party is", other: "parties are" })} ahead of you.`,
  ready: "Your table is ready. Please come to the door.",
  here: "We know that you are here.",
  seated: "You are seated. Enjoy your meal.",
  left: "You are not on the wait list any more.",
  facts: { guests: "Guests", expected: "Expected", since: "Waiting since" },
  between: (from: string, until: string) => (from === until ? `about ${until}` : `${from}–${until}`),
  unknown: "We can't say yet.",
  iAmHere: "I am here",
  leave: "Leave the list",
  sure: "Yes, leave it",
  asOf: (time: string) => `As of ${time}. This page follows by itself.`,
  unheard: (time: string) => `Not reached since ${time}. It is asked again by itself.`,
};

export type Words = typeof en;
