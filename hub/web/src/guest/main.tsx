// The guest's page: its entry, which draws it into its document.
import { render } from "preact";
import "../lib/ui/tokens.css";
import "../lib/ui/base.css";
import "../lib/page/page.css";
import "../lib/hold/hold.css";
import "./guest.css";
import { startSession } from "../lib/page/session.ts";
import { titled } from "../lib/page/state.ts";
import { App } from "./parts/App.tsx";
import { begin, end, words } from "./store/store.ts";

const root = document.getElementById("page");
if (root) {
  render(<App />, root);
  titled(() => words.value.title);
  startSession({ isOpen: true, begin, end });
}
