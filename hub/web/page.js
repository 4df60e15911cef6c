// The host-stand page: joins the session, the live channel, the room and the lists.
import { AdminPane } from "./admin.js";
import { Api } from "./api.js";
import { availabilityBars, floorBars, floorList, guestWords } from "./bars.js";
import { Bookings } from "./bookings.js";
import { name, setParts, setText } from "./dom.js";
import { showFloor } from "./lists.js";
import { LiveClient } from "./live.js";
import { Room } from "./room.js";
import { SignIn } from "./signin.js";
import { showStatus } from "./status.js";
import { clock, dayTitle, shiftDay, wallIn } from "./times.js";
import { Today } from "./today.js";

const find = (id) => document.getElementById(id);
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const UNAUTHENTICATED = 4001;
const ASK_AGAIN_MS = 5_000;
const REVOKED = 4003;

const api = new Api();
const url = new URL("/live", location.href);
url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const live = new LiveClient({ url: url.href, token: null, renew: () => api.renew() });
const signIn = new SignIn(find("signin"), api, enter);
const bookings = new Bookings(api, goTo);
const today = new Today();
const present = () => wallIn(today.zone, live.serverNow);
const room = new Room(find("room"), { pick, open: (bar) => bookings.change(bar.booking), present, hours: () => today.hours });
const admin = new AdminPane(find("admin-pane"), api);

const shown = { me: null, day: null, channel: null, tables: null, data: null, renewedFor: null };

async function enter() {
  try {
    const [me, venue] = await Promise.all([api.me(), api.call("GET", "/venue")]);
    shown.me = me;
    learn(venue);
  } catch (problem) {
    // Not reached is not logged out: the token is kept, and the next try may succeed.
    if (problem.status === 401) return leave("Your session has ended. Please log in again.");
    signIn.show(problem.message);
    return;
  }
  signIn.hide();
  find("stand").hidden = false;
  setParts(find("who"), [name(shown.me.full_name)]);
  find("floor").hidden = !atStand();
  find("room").classList.toggle("staff", atStand());
  find("admin").hidden = shown.me.role !== "admin";
  live.start(api.token);
  live.watch("tables", onTables);
  live.watch("mine", onMine);
  goTo(today.day);
}

const atStand = () => shown.me?.role === "host" || shown.me?.role === "admin";

function leave(words) {
  live.stop();
  for (const channel of [...live.channels.keys()]) live.unwatch(channel);
  api.token = null;
  // Nothing of one person stays on the page for the next.
  Object.assign(shown, { me: null, day: null, channel: null, tables: null, data: null, renewedFor: null });
  bookings.clear();
  room.show(null);
  clearFloor();
  admin.show({});
  find("stand").hidden = true;
  delete document.body.dataset.live;
  signIn.show(words);
}

/** Shows a service day; the stream of the one before is let go. */
function goTo(day) {
  if (!DAY.test(day ?? "") || !shown.me) return;
  if (day === shown.day) return;
  if (shown.channel) live.unwatch(shown.channel);
  Object.assign(shown, { day, data: null, channel: `${atStand() ? "floor" : "availability"}:${day}` });
  find("day").value = day;
  setText(find("day-title"), dayTitle(day, { weekday: "long", day: "numeric", month: "long", year: "numeric" }));
  find("trouble").hidden = true;
  bookings.form.set({ date: day });
  room.show(day);
  room.update({ tables: shown.tables });
  clearFloor();
  live.watch(shown.channel, onDay);
}

function onTables({ data, kind, error }) {
  if (kind === "refused") return refuse(error);
  shown.tables = data.tables ?? {};
  room.update({ tables: shown.tables });
  bookings.setTables(shown.tables);
  admin.show(shown.tables);
  if (shown.data) drawFloor();
}

function onDay({ channel, data, kind, error }) {
  if (channel !== shown.channel) return;
  if (kind === "refused") return refuse(error);
  find("trouble").hidden = true;
  shown.data = data;
  const list = atStand() ? floorBars(data, shown.day) : availabilityBars(data, shown.day);
  room.update({ list });
  drawFloor();
}

/** Until the day has come, neither the bookings of the one before stand there nor "No bookings yet". */
function clearFloor() {
  showFloor(find("floor-list"), [], shown.tables, bookings.acts);
  setText(find("floor-count"), "");
  find("floor-empty").hidden = true;
}

function drawFloor() {
  if (!atStand()) return;
  const list = floorList(shown.data);
  showFloor(find("floor-list"), list, shown.tables, bookings.acts);
  const guests = list.reduce((sum, { status, guests }) => sum + (status === "canceled" ? 0 : guests), 0);
  setText(find("floor-count"), list.length > 0 ? `${list.length} listed · ${guestWords(guests)}` : "");
  find("floor-empty").hidden = list.length > 0;
}

function refuse(error) {
  setText(find("trouble"), `This day can't be shown: ${error.message ?? error.code}`);
  find("trouble").hidden = false;
}

function onMine({ data, kind }) {
  if (kind === "refused") bookings.unfollow();
  else bookings.follow(data);
}

/** Takes what the hub says of the venue. Who looks at the service day that was on goes on with the next one. */
function learn(venue) {
  const before = today.day;
  today.learn(venue);
  if (shown.me && before !== null && shown.day === before) goTo(today.day);
}

async function rollOver() {
  const before = today.day;
  if (!today.rollOver(live.serverNow)) return;
  if (shown.me && shown.day === before) goTo(today.day);
  for (;;) {
    // Not reached: the day has ended all the same; when the next one does is asked for again.
    learn(await api.call("GET", "/venue").catch(() => null));
    if (today.endsAt !== null) return;
    await new Promise((done) => setTimeout(done, ASK_AGAIN_MS));
  }
}

function pick({ tableId, minutes }) {
  const form = bookings.form;
  form.quiet();
  form.set({ tableId });
  if (minutes !== null) form.set({ date: shiftDay(shown.day, Math.floor(minutes / 1440)), time: clock(minutes) });
  form.time.focus();
  form.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

live.addEventListener("status", ({ detail }) => {
  if (!shown.me) return;
  showStatus(detail, { visible: find("status"), spoken: find("spoken") });
  if (detail.state === "stopped") onStopped(detail.code);
});

live.addEventListener("connected", ({ detail }) => {
  learn(detail.venue);
  room.update({}); // the line of the present can be drawn from now on
});
setInterval(rollOver, 1_000);

async function onStopped(code) {
  if (code === REVOKED) return leave("Your session has ended. Please log in again.");
  if (code !== UNAUTHENTICATED || shown.renewedFor === api.token) return;
  // The hub knows this token no longer: one renewal tells whether the session itself lives.
  const token = await api.renew().catch(() => undefined);
  if (token === undefined) return setTimeout(() => onStopped(code), 5_000);
  if (!token) return leave("Your session has ended. Please log in again.");
  shown.renewedFor = token;
  live.start(token);
}

api.addEventListener("renewed", ({ detail }) => live.useToken(detail));
api.addEventListener("over", () => leave("Your session has ended. Please log in again."));
find("logout").addEventListener("click", async () => {
  await api.logOut();
  leave("You are logged out.");
});
find("day").addEventListener("change", ({ target }) => goTo(target.value));
find("previous").addEventListener("click", () => goTo(shiftDay(shown.day, -1)));
find("next").addEventListener("click", () => goTo(shiftDay(shown.day, 1)));
find("today").addEventListener("click", () => goTo(today.day));
addEventListener("online", () => live.nudge());
addEventListener("pageshow", () => live.nudge());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  live.nudge();
  if (shown.me) bookings.load();
});

if (api.token) enter();
else signIn.show();
