// The page's live client under Node: prints what it shows as lines {at, state, position}, whenever that changes and
// twenty times a second, until it is killed. Arguments: the channel's URL, a token, a channel.
import { LiveClient } from "../../hub/web/live.js";

const [url, token, channel] = process.argv.slice(2);
const live = new LiveClient({ url, token, renew: () => Promise.resolve(token) });
let position = null;
const show = () => console.log(JSON.stringify({ at: Date.now() / 1000, state: live.status.state, position }));
live.watch(channel, (event) => {
  position = event.position;
  show();
});
live.addEventListener("status", show);
live.start();
setInterval(show, 50);
