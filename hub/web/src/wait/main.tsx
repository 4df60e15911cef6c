// The page that a guest's link to their place on the wait list opens. It is not /manage: what it shows moves by itself,
// and none of what one does with a booking is done with a place.
// The link's token stands behind the #, which no server sees. Opening the page changes nothing. Unlike the link of a
// mail it stays in the address: who waits looks again and again, and reloads.
import { render } from "preact";
import "../lib/ui/tokens.css";
import "../lib/ui/base.css";
import "../lib/page/page.css";
import { Api } from "../lib/api/client.ts";
import { titled } from "../lib/page/state.ts";
import { App, words } from "./App.tsx";

// Before the token stands the venue, of another than the first.
const [, slug, token] = /^#(?:([a-z0-9-]+)\/)?([\w-]+)$/.exec(location.hash) ?? [];
// A guest has no account: whoever is logged in on this device has nothing to do with it.
const store = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
const api = new Api({ prefix: slug ? `/v/${slug}` : "", store });

const root = document.getElementById("page");
if (root) {
  render(<App token={token ?? null} api={api} />, root);
  titled(() => words.value.title);
}
addEventListener("hashchange", () => location.reload()); // another link in the same tab
