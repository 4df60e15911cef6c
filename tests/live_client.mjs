// The page's live client under Node: prints what it shows as lines {at, state, position}, whenever that changes and
// twenty times a second, until it is killed. Arguments: the channel's URL, a token, a channel.
import { LiveClient } from "../hub/web/src/lib/live/client.ts";

const [url, token, channel] = process.argv.slice(2);
let position = null;
const show = () => console.log(JSON.stringify({ at: Date.now() / 1000, state: live.status.state, position }));
const renew = () => Promise.resolve(token);
const live = new LiveClient({ url, token, renew, on: { status: show } });
live.watch(channel, (event) => {
  position = event.position;
  show();
});
live.start();
setInterval(show, 50);
