// The page that the link of a booking's mail opens: it shows the booking, and cancels it when a person says so.
// The link's token stands behind the #, which no server sees. Opening the page changes nothing, so a program that looks
// through mails cancels no booking.
import { render } from "preact";
import "../lib/ui/tokens.css";
import "../lib/ui/base.css";
import "../lib/page/page.css";
import { titled } from "../lib/page/state.ts";
import { App, words } from "./App.tsx";
import { ManageLink } from "./link.ts";

const [, token] = /^#([\w-]+)$/.exec(location.hash) ?? [];
history.replaceState(null, "", location.pathname); // neither the history nor a copied address keeps the token

const root = document.getElementById("page");
if (root) {
  render(<App link={token ? new ManageLink(token) : null} />, root);
  titled(() => words.value.title);
}
