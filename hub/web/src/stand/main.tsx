// The host stand's entry: draws the page into its document.
import { render } from "preact";
import "../lib/ui/tokens.css";
import "../lib/ui/base.css";
import "../lib/hold/hold.css";
import "./style/layout.css";
import "./style/feed.css";
import "./style/lists.css";
import "./style/timeline.css";
import "./style/bars.css";
import "./style/plan.css";
import "./style/windows.css";
import "../../print/paper.css";
import "./style/print.css";
import { App } from "./parts/App.tsx";
import { startSession } from "./store/session.ts";

const root = document.getElementById("page");
if (root) {
  render(<App />, root);
  startSession();
}
