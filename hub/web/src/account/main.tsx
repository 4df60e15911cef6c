// The page that links in mails open: confirm an address, set a new password, or ask for a link to do so.
// The link's token stands behind the #, which no server sees. Opening the page changes nothing: a person presses the
// button, so a program that looks through mails confirms no address. To confirm one takes the password, since somebody
// else may have registered it and chosen that; this page knows no session.
import { render } from "preact";
import "../lib/ui/tokens.css";
import "../lib/ui/base.css";
import "../lib/page/page.css";
import { learnVenue, titled } from "../lib/page/state.ts";
import { App, words } from "./App.tsx";

const [, kind = "ask", token] = /^#(verify|reset)=([\w-]+)$/.exec(location.hash) ?? [];
history.replaceState(null, "", location.pathname); // neither the history nor a copied address keeps the token

const root = document.getElementById("page");
if (root) {
  const shown = kind as "verify" | "reset" | "ask";
  render(<App kind={shown} token={token} />, root);
  titled(() => words.value[shown].title);
  void learnVenue();
}
