// The client of the live channel (docs/live-protocol.md): one socket, many channels, no DOM.
// Rules of frames are in state.js, of reconnecting in retry.js, of how old what is held may be in age.js. What is left
// is one state machine over a socket and a timer, and it stays in one file: its parts share nearly every field.
import { AgeRule, STALE_AFTER_MS } from "./age.js";
import { asked, newView, receive } from "./state.js";
import { afterClose, backoff, CALM_MS } from "./retry.js";

const SUBPROTOCOL = "booking.v1.json";
const TICK_MS = 250;
const CONNECT_MS = 10_000;
const SILENCE_MS = 15_000;
const PING_MS = 5_000;
// What was promised and never comes would leave a channel waiting for ever on a line that is otherwise well.
const AWAITED_MS = 30_000;
const UNAUTHENTICATED = 4001;

const reading = () => ({ wall: Date.now(), mono: performance.now() });
// settledAt: when it last held all that was promised to it.
const newChannel = () => ({
  ...{ view: newView(), callbacks: new Set(), askedBy: null, again: null, tries: 0, refused: null },
  settledAt: reading(),
});
// By the clock that says more: one can be set, the other stands still while the machine sleeps.
const since = (now, then) => Math.max(now.wall - then.wall, now.mono - then.mono);
const instant = (text) => {
  const at = typeof text === "string" ? Date.parse(text) : NaN;
  return Number.isFinite(at) ? at : null;
};

/**
 * `renew` is an async function that gives a new token, null when the session is over, and throws when it couldn't be
 * asked. Without a token it is a visitor. Events: "status" {state, ageMs, staleSince, code, reason} on every change and
 * once a second; "connected" the hub's frame; "roles" the hub's frame.
 */
export class LiveClient extends EventTarget {
  constructor({ url, token = null, renew, Socket = globalThis.WebSocket, random = Math.random }) {
    super();
    Object.assign(this, { url, token, renew, Socket, random });
    this.channels = new Map();
    this.nextId = 1;
    this.age = new AgeRule();
    this.ahead = null; // the hub's clock minus ours, as last known
    this.asks = new Map(); // id of a subscribe → its channels
    this.leaving = new Set(); // ids of our own unsubscribes
    this.attempt = 0;
    this.renewed = false;
    this.generation = 0; // counts sockets and stops: what an earlier one still has to say is not heard
    this.#idle();
    Object.assign(this, { startedAt: reading(), currentAt: null, stopped: null });
  }

  start(token = this.token) {
    this.#halt();
    Object.assign(this, { token, stopped: null, attempt: 0, renewed: false, renewFirst: false });
    Object.assign(this, { startedAt: reading(), currentAt: null });
    this.timer = setInterval(() => this.#tick(), TICK_MS);
    this.#open();
  }

  stop(code = 1000, reason = "") {
    this.#halt();
    this.stopped = { code, reason };
    this.#tell();
  }

  /** The network or the page is back: don't sit out a pause, and don't trust a line that slept. */
  nudge() {
    if (this.stopped) return;
    if (this.joined) this.#ping();
    else if (this.retryAt !== null) this.retryAt = Math.min(this.retryAt, performance.now() + this.random() * 500);
    this.#tick();
  }

  watch(channel, callback) {
    let entry = this.channels.get(channel);
    if (!entry) {
      entry = newChannel();
      this.channels.set(channel, entry);
      if (this.joined) this.#subscribe([channel]);
      else entry.view = asked(entry.view);
    }
    entry.callbacks.add(callback);
    if (entry.view.data) callback({ channel, ...entry.view, changed: {}, kind: "held" });
  }

  /** Without a callback: everybody's. */
  unwatch(channel, callback) {
    const entry = this.channels.get(channel);
    if (!entry) return;
    if (callback) entry.callbacks.delete(callback);
    if (callback && entry.callbacks.size > 0) return;
    this.channels.delete(channel);
    if (!this.joined) return;
    const id = this.#id();
    this.leaving.add(id);
    this.#send({ op: "unsubscribe", id, channel });
  }

  /** A token that was renewed elsewhere, for instance by a REST call that met its end first. */
  useToken(token) {
    if (token === this.token) return;
    this.token = token;
    if (this.joined) this.#refresh();
  }

  /** The hub's clock now, in ms since 1970, as well as it is known; null before the first answer. */
  get serverNow() {
    const now = reading();
    const told = this.age.hubTime(now);
    if (told !== null) this.ahead = told - now.wall;
    return this.ahead === null ? null : now.wall + this.ahead;
  }

  /**
   * live: all that is held is at most a few seconds old, by the rule of age.js. stale: it may be older, since
   * `staleSince` (this device's clock). connecting: nothing is held yet, or the line is being mended and what is held
   * is not older than that yet. stopped: for good, until start().
   */
  get status() {
    const now = reading();
    const age = this.joined ? this.age.age(now) : null;
    const settled = !this.#awaited().length;
    // While a channel waits for its state, what the hub verified isn't what we hold.
    if (age !== null && settled) this.currentAt = { wall: now.wall - age, mono: now.mono - age };
    const silent = since(now, this.currentAt ?? this.startedAt);
    const holds = [...this.channels.values()].some(({ view }) => view.data !== null);
    const old = holds && silent > this.age.staleAfter;
    const told = { ageMs: this.currentAt && silent, staleSince: null, ...this.stopped };
    if (this.stopped) return { ...told, state: "stopped", staleSince: holds ? now.wall - silent : null };
    if (settled && age !== null && age <= this.age.staleAfter) return { ...told, state: "live" };
    return old ? { ...told, state: "stale", staleSince: now.wall - silent } : { ...told, state: "connecting" };
  }

  #idle() {
    Object.assign(this, { socket: null, joined: false, bye: null, retryAt: null });
    this.age.reset();
    this.asks.clear();
    this.leaving.clear();
    // What is held is not known to be current again before the next connection has said so.
    for (const entry of this.channels.values()) Object.assign(entry, { askedBy: null, again: null, view: asked(entry.view) });
  }

  #awaited = () => [...this.channels.values()].filter((entry) => entry.view.awaiting && !entry.refused);

  #open() {
    this.#idle();
    const generation = ++this.generation;
    const mine = (handle) => (event) => generation === this.generation && handle(event);
    this.openedAt = this.heardAt = this.keptAt = reading();
    for (const entry of this.channels.values()) entry.settledAt = this.openedAt;
    const socket = new this.Socket(this.url, SUBPROTOCOL);
    this.socket = socket;
    socket.addEventListener("open", mine(() => this.#connect()));
    socket.addEventListener("message", mine((event) => this.#hear(event.data)));
    socket.addEventListener("close", mine((event) => this.#closed(event.code, event.reason)));
    this.#tell();
  }

  #connect() {
    const since = {};
    const id = this.#id();
    for (const [channel, entry] of this.channels) {
      since[channel] = entry.view.position;
      Object.assign(entry, { view: asked(entry.view), askedBy: id, refused: null });
    }
    this.connectId = id;
    this.offered = this.token;
    this.#send({ op: "connect", id, ...(this.token && { token: this.token }), since });
  }

  #id = () => this.nextId++;

  #send(frame) {
    if (this.socket?.readyState !== 1) return;
    this.socket.send(JSON.stringify({ id: this.#id(), ...frame }));
  }

  /** `anew`: as if nothing of them were held. */
  #subscribe(names, anew = false) {
    const id = this.#id();
    const channels = {};
    for (const name of names) {
      const entry = this.channels.get(name);
      channels[name] = anew ? null : entry.view.position;
      Object.assign(entry, { view: asked(entry.view), askedBy: id, again: null, refused: null });
    }
    this.asks.set(id, names);
    this.#send({ op: "subscribe", id, channels });
  }

  #refresh() {
    this.offered = this.token;
    this.#send({ op: "refresh", token: this.token });
  }

  #ping() {
    const id = this.#id();
    this.pingedAt = reading();
    this.age.ping(id, this.pingedAt);
    this.#send({ op: "ping", id });
  }

  #hear(text) {
    this.heardAt = reading();
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return this.#lost();
    }
    // An op that we don't know is a newer hub's: what it must say to us it says in the ops we know.
    this.#handlers[frame?.op]?.(frame);
    this.#tell();
  }

  #handlers = {
    connected: (frame) => {
      const limits = frame.limits ?? {};
      this.joined = true;
      this.joinedAt = this.keptAt = reading();
      this.age.staleAfter = limits.stale_after_ms ?? STALE_AFTER_MS;
      this.silenceMs = limits.silence_ms ?? SILENCE_MS;
      this.pingMs = limits.ping_every_ms ?? PING_MS;
      this.ahead ??= instant(frame.server_time) === null ? null : instant(frame.server_time) - Date.now();
      this.#ping();
      if (this.token && this.token !== this.offered) this.#refresh();
      const early = [...this.channels].filter(([, entry]) => entry.askedBy === null).map(([name]) => name);
      // Another role may see more of a channel, or less, at the same position.
      const anew = this.#takeRoles(frame) && this.channels.size > 0;
      if (anew) this.#subscribe([...this.channels.keys()], true);
      else if (early.length > 0) this.#subscribe(early);
      this.dispatchEvent(new CustomEvent("connected", { detail: frame }));
    },
    pong: (frame) => {
      if (instant(frame.server_time) !== null) this.age.pong(frame.id, instant(frame.server_time), reading());
    },
    fresh: (frame) => this.age.fresh(instant(frame.verified_at)),
    roles: (frame) => {
      this.#takeRoles(frame);
      this.dispatchEvent(new CustomEvent("roles", { detail: frame }));
    },
    refreshed: (frame) => this.#takeRoles(frame),
    subscribed: (frame) => {
      // An answer to a subscription that was given up and asked anew says nothing of the new one.
      if (this.channels.get(frame.channel)?.askedBy === frame.id) this.#receive(frame);
    },
    unsubscribed: (frame) => {
      // Not asked for: a renewed token, or another role, may no longer see this channel.
      if (!this.leaving.delete(frame.id)) this.#refuse(frame.channel, { code: "forbidden", ...frame });
    },
    snapshot: (frame) => this.#receive(frame),
    update: (frame) => this.#receive(frame),
    resync: (frame) => this.#receive(frame),
    expiring: () => this.#renewInTime(),
    error: (frame) => this.#error(frame),
    bye: (frame) => {
      this.bye = frame;
    },
  };

  /** Whether they are others than were known before. */
  #takeRoles(frame) {
    const before = this.roles;
    this.roles = JSON.stringify(frame.roles ?? {});
    return before !== undefined && before !== this.roles;
  }

  #receive(frame) {
    const entry = this.channels.get(frame.channel);
    if (!entry) return;
    const { view, ask, applied, changed } = receive(entry.view, frame);
    entry.view = view;
    if (frame.op === "subscribed") entry.tries = 0;
    if (ask && entry.again === null) this.#subscribe([frame.channel]);
    if (!applied) return;
    entry.settledAt = reading(); // over a slow line the next one may be due before anybody looks
    const event = { channel: frame.channel, ...view, changed, at: frame.at, kind: frame.op };
    for (const callback of entry.callbacks) callback(event);
  }

  #error(frame) {
    if (frame.id === this.connectId && !frame.channel && !this.joined) {
      // Not let in. What may work later is tried on another connection, so that the pauses grow.
      if (!frame.retryable) this.bye = { code: 4000, reason: frame.message, reconnect: false };
      return this.#lost();
    }
    // A question that was one too many is refused without its channels.
    for (const channel of frame.channel ? [frame.channel] : (this.asks.get(frame.id) ?? [])) this.#refuse(channel, frame);
  }

  #refuse(channel, frame) {
    const entry = this.channels.get(channel);
    if (!entry) return;
    if (frame.retryable) {
      const wished = Number(frame.retry_after_ms) || 0;
      entry.view = asked(entry.view); // until it is asked again nothing tells of it
      entry.again = performance.now() + Math.max(wished, 500, backoff(entry.tries++, this.random));
      return;
    }
    entry.refused = frame;
    for (const callback of entry.callbacks) callback({ channel, ...entry.view, changed: {}, kind: "refused", error: frame });
  }

  async #renewInTime() {
    const generation = this.generation;
    try {
      const token = await this.renew();
      if (token && generation === this.generation) this.useToken(token);
    } catch {
      // Not reached: the hub closes with 4200 after its grace, and the renewal is tried again there.
    }
  }

  #drop() {
    this.generation++;
    // close() waits for the peer's answer, which a dead line never gives: so its events are no longer ours.
    this.socket?.close(1000);
  }

  #halt() {
    clearInterval(this.timer);
    clearTimeout(this.ageing);
    this.#drop();
    this.#idle();
  }

  #lost() {
    this.#drop();
    this.#closed(1006, "");
  }

  #closed(code, reason) {
    const { bye, joinedAt, joined } = this;
    const calm = joined && since(reading(), joinedAt) >= CALM_MS;
    if (calm) Object.assign(this, { attempt: 0, renewed: false });
    // Renewed elsewhere while `connect` was on its way: what the hub refused was the token before it.
    const newer = this.token !== this.offered;
    const next = afterClose({ code, bye, attempt: this.attempt, renewed: this.renewed, random: this.random });
    this.#idle();
    if (next.act === "stop" && !(newer && next.code === UNAUTHENTICATED)) return this.stop(next.code, bye?.reason ?? reason);
    this.attempt++;
    this.renewed ||= next.act === "renew";
    this.renewFirst = next.act === "renew" && !newer && this.token !== null;
    this.retryAt = performance.now() + next.delay;
    this.#tick();
  }

  async #reopen() {
    this.retryAt = null;
    if (!this.renewFirst) return this.#open();
    const generation = ++this.generation;
    try {
      const token = await this.renew();
      if (generation !== this.generation) return;
      if (!token) return this.stop(UNAUTHENTICATED, "session over");
      Object.assign(this, { token, renewFirst: false });
      this.#open();
    } catch {
      if (generation === this.generation) this.#closed(4200, "");
    }
  }

  #tick() {
    if (this.stopped) return;
    if (this.retryAt !== null && performance.now() >= this.retryAt) this.#reopen();
    else if (this.socket) this.#keep(reading());
    this.#tell();
  }

  #keep(now) {
    if (!this.joined && since(now, this.openedAt) > CONNECT_MS) return this.#lost();
    if (!this.joined) return;
    // Where we stood still ourselves (a frozen page), what was said meanwhile is still to be read: a last chance.
    const late = now.mono - this.keptAt.mono > PING_MS;
    const chance = now.mono - this.silenceMs + PING_MS;
    if (late && this.heardAt.mono < chance) this.heardAt = { ...this.heardAt, mono: chance };
    this.keptAt = now;
    if (now.mono - this.heardAt.mono > this.silenceMs) return this.#lost();
    const awaited = new Set(this.#awaited().filter((entry) => entry.again === null));
    for (const entry of this.channels.values()) if (!awaited.has(entry)) entry.settledAt = now;
    if ([...awaited].some((entry) => now.mono - entry.settledAt.mono > AWAITED_MS)) return this.#lost();
    if (since(now, this.pingedAt) >= this.pingMs || this.age.lostBounds(now)) this.#ping();
    const due = [...this.channels].filter(([, entry]) => entry.again !== null && now.mono >= entry.again).map(([name]) => name);
    if (due.length > 0) this.#subscribe(due);
  }

  #tell() {
    const status = this.status;
    clearTimeout(this.ageing);
    // It turns stale by itself, at that moment: no frame is needed, and none that comes late delays it.
    if (status.state === "live") this.ageing = setTimeout(() => this.#tell(), this.age.liveFor(reading()));
    const key = `${status.state} ${status.staleSince === null}`;
    const second = Math.floor(Date.now() / 1000);
    // Every frame passes here; listeners hear of what differs, and of each second for what counts up.
    if (key === this.told && second === this.toldSecond) return;
    Object.assign(this, { told: key, toldSecond: second });
    this.dispatchEvent(new CustomEvent("status", { detail: status }));
  }
}
