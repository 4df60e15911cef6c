// English: what the page says that links of mails about an account open.
import { en as shared } from "../../lib/page/words/en.ts";

export const en = {
  ...shared,
  newPassword: "New password",
  verify: {
    title: "Confirm your address",
    question:
      "Type the password that you registered with. If you do not know it, choose a new one: it takes the place of the old one, and every device is logged out.",
    button: "Yes, this is my address",
    done: "Your address is confirmed. Log in with the password that you have just typed.",
  },
  reset: {
    title: "New password",
    question: "Choose a new password. Every device is logged out by it.",
    button: "Set the password",
    done: "Your password is set. You can log in with it now.",
  },
  ask: {
    title: "Forgot the password?",
    question: "We send a link to your address by which you set a new one.",
    button: "Send the link",
    done: "If there is an account with this address, a mail is on its way.",
  },
  oldLink: "This link is not valid any more. Ask for a new one.",
  askAnew: "Ask for a new link",
  toLogIn: "To the booking page",
};

export type Words = typeof en;
