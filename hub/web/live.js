// The client of the live channel (docs/live-protocol.md): one socket, many channels, no DOM.
// Rules of frames are in state.js, of reconnecting in retry.js, of clocks in clock.js. What is left is one state
// machine over a socket and a timer, and it stays in one file: its parts share nearly every field.
import { HubClock } from "./clock.js";
import { asked, liveness, newView, receive } from "./state.js";
import { afterClose, CALM_MS } from "./retry.js";

const SUBPROTOCOL = "booking.v1.json";
const TICK_MS = 250;
// Proofs come at least every 10 s: after two of them and some grace the line is dead, whatever TCP believes.
const SILENCE_MS = 25_000;
const CONNECT_MS = 10_000;
const PROMPT_MS = 12_000;

const newChannel = () => ({ view: newView(), callbacks: new Set(), askedBy: null, again: null, refused: null });

/**
 * `renew` is an async function that gives a new token, null when the session is over, and throws when it
 * couldn't be asked. Events: "status" {state, behindMs, staleSince, doubtSince, code, reason} on every change
 * and once a second; "connected" the hub's frame.
 */
export class LiveClient extends EventTarget {
  constructor({ url, token, renew, Socket = globalThis.WebSocket, random = Math.random }) {
    super();
    Object.assign(this, { url, token, renew, Socket, random });
    this.channels = new Map();
    this.nextId = 1;
    this.clock = new HubClock();
    this.asks = new Map(); // id of a subscribe → its channel
    this.leaving = new Set(); // ids of our own unsubscribes
    this.attempt = 0;
    this.renewed = false;
    this.generation = 0; // counts sockets and stops: what an earlier one still has to say is not heard
    this.#idle();
    Object.assign(this, { startedAt: Date.now(), provedAt: null, behindMs: null, stopped: null });
  }

  start(token = this.token) {
    this.#halt();
    Object.assign(this, { token, stopped: null, attempt: 0, renewed: false, renewFirst: false });
    Object.assign(this, { startedAt: Date.now(), provedAt: null, behindMs: null });
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
    else if (this.retryAt !== null) this.retryAt = Math.min(this.retryAt, Date.now() + this.random() * 500);
    this.#tick();
  }

  watch(channel, callback) {
    let entry = this.channels.get(channel);
    if (!entry) {
      entry = newChannel();
      this.channels.set(channel, entry);
      this.#subscribe(channel);
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

  get status() {
    const { startedAt, provedAt, doubtSince, joined } = this;
    // A proof of this connection is needed: what an earlier one proved says nothing of what we missed since.
    const awaiting = !this.proved || this.#unsettled();
    const told = liveness({ now: Date.now(), stopped: this.stopped !== null, startedAt, provedAt, doubtSince, joined, awaiting });
    return { ...told, ...this.stopped, behindMs: this.behindMs, doubtSince, provedAt };
  }

  #idle() {
    Object.assign(this, { socket: null, sent: false, joined: false, proved: false, doubtSince: null, bye: null, retryAt: null });
    this.clock.forgetQuestions();
    this.asks.clear();
    this.leaving.clear();
    for (const entry of this.channels.values()) Object.assign(entry, { askedBy: null, again: null });
  }

  #unsettled = () => [...this.channels.values()].some((entry) => entry.view.awaiting && !entry.refused);

  #open() {
    this.#idle();
    const generation = ++this.generation;
    const mine = (handle) => (event) => generation === this.generation && handle(event);
    this.openedAt = this.heardAt = this.settledAt = Date.now();
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
    this.clock.ask(id);
    this.offered = this.token;
    this.sent = true;
    this.#send({ op: "connect", id, token: this.token, since });
  }

  #id = () => this.nextId++;

  #send(frame) {
    // Before `connect` every other command is an error, and what is watched by then goes into it.
    if (!this.sent || this.socket?.readyState !== 1) return;
    this.socket.send(JSON.stringify({ id: this.#id(), ...frame }));
  }

  #subscribe(channel) {
    const entry = this.channels.get(channel);
    if (!entry) return;
    const id = this.#id();
    const { position } = entry.view;
    Object.assign(entry, { view: asked(entry.view), askedBy: id, again: null, refused: null });
    this.asks.set(id, channel);
    this.#send({ op: "subscribe", id, channel, ...(position && { since: position }) });
  }

  #refresh() {
    this.offered = this.token;
    this.#send({ op: "refresh", token: this.token });
  }

  #ping() {
    const id = this.#id();
    this.clock.ask(id);
    this.pingedAt = Date.now();
    this.#send({ op: "ping", id });
  }

  #hear(text) {
    this.heardAt = Date.now();
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return this.#lost();
    }
    const handle = this.#handlers[frame.op];
    // An op that we don't know is a newer hub's: what it must say to us it says in the ops we know.
    if (handle) handle(frame);
    this.#tell();
  }

  #handlers = {
    connected: (frame) => {
      this.joined = true;
      this.accepted = this.offered;
      this.joinedAt = Date.now();
      this.pingEvery = Math.max(5_000, (Number(frame.ping_interval) || 25) * (frame.ping_interval > 1000 ? 1 : 1000));
      this.clock.learn(frame.id, frame.server_time);
      // The answer to `connect` waited for a token to be checked: a ping measures the clocks better.
      this.#ping();
      if (this.token !== this.offered) this.#refresh();
      this.dispatchEvent(new CustomEvent("connected", { detail: frame }));
    },
    pong: (frame) => this.clock.learn(frame.id, frame.server_time),
    subscribed: (frame) => {
      // An answer to a subscription that was given up and asked anew says nothing of the new one.
      if (this.channels.get(frame.channel)?.askedBy === frame.id) this.#receive(frame);
    },
    unsubscribed: (frame) => {
      // Not asked for: a renewed token may no longer see this channel.
      if (!this.leaving.delete(frame.id)) this.#refuse({ code: "forbidden", ...frame });
    },
    snapshot: (frame) => this.#receive(frame),
    update: (frame) => this.#receive(frame),
    resync: (frame) => this.#receive(frame),
    refreshed: () => (this.accepted = this.offered),
    proof: (frame) => this.#prove(frame),
    doubt: (frame) => {
      this.doubtSince ??= this.clock.local(frame.since) ?? Date.now();
      this.doubtReason = frame.reason;
    },
    expiring: () => this.#renewInTime(),
    error: (frame) => this.#refuse(frame),
    bye: (frame) => {
      this.bye = frame;
    },
  };

  #receive(frame) {
    const entry = this.channels.get(frame.channel);
    if (!entry) return;
    const { view, ask, applied, changed } = receive(entry.view, frame);
    entry.view = view;
    if (frame.op === "update") this.#measure(frame.at);
    if (ask) this.#subscribe(frame.channel);
    if (!applied) return;
    const event = { channel: frame.channel, ...view, changed, at: frame.at, kind: frame.op };
    for (const callback of entry.callbacks) callback(event);
  }

  #prove(frame) {
    this.#measure(frame.at);
    this.doubtSince = null;
    // While a channel waits for its state, the hub's equality with the database isn't ours.
    if (!this.joined || this.#unsettled()) return;
    this.proved = true;
    // Old news that was stuck on the way must not count as fresh; a clock that is ahead must not count as future.
    this.provedAt = Math.min(Date.now(), this.clock.local(frame.at) ?? Date.now());
  }

  #refuse(frame) {
    const channel = frame.channel ?? this.asks.get(frame.id);
    const entry = this.channels.get(channel);
    if (!entry) return;
    if (frame.retryable) {
      const [low, high] = [frame.retry_after_ms ?? 1000].flat();
      entry.again = Date.now() + low + this.random() * Math.max(500, (high ?? low) - low);
      return;
    }
    entry.refused = frame;
    for (const callback of entry.callbacks) callback({ channel, ...entry.view, changed: {}, kind: "refused", error: frame });
  }

  #measure(at) {
    const made = this.clock.local(at);
    if (made !== null) this.behindMs = Math.max(0, Math.round(Date.now() - made));
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
    this.#drop();
    this.#idle();
  }

  #lost() {
    this.#drop();
    this.#closed(1006, "");
  }

  #closed(code, reason) {
    const { bye, joinedAt, joined } = this;
    const calm = joined && Date.now() - joinedAt >= CALM_MS;
    if (calm) Object.assign(this, { attempt: 0, renewed: false });
    // Renewed elsewhere while `connect` was on its way: what the hub refused was the token before it.
    const newer = this.token !== this.offered;
    const accepted = newer || this.offered === this.accepted;
    const next = afterClose({ code, bye, attempt: this.attempt, renewed: this.renewed, accepted, random: this.random });
    this.#idle();
    if (next.act === "stop") return this.stop(next.code, bye?.reason ?? reason);
    this.attempt++;
    this.renewed ||= next.act === "renew";
    this.renewFirst = next.act === "renew" && !newer;
    this.retryAt = Date.now() + next.delay;
    this.#tick();
  }

  async #reopen() {
    this.retryAt = null;
    if (!this.renewFirst) return this.#open();
    const generation = ++this.generation;
    try {
      const token = await this.renew();
      if (generation !== this.generation) return;
      if (!token) return this.stop(4001, "session over");
      Object.assign(this, { token, renewFirst: false });
      this.#open();
    } catch {
      if (generation === this.generation) this.#closed(4200, "");
    }
  }

  #tick() {
    const now = Date.now();
    if (this.stopped) return;
    if (this.retryAt !== null && now >= this.retryAt) this.#reopen();
    else if (this.socket) this.#keep(now);
    this.#tell();
  }

  #keep(now) {
    if (!this.joined && now - this.openedAt > CONNECT_MS) return this.#lost();
    if (now - this.heardAt > SILENCE_MS) return this.#lost();
    if (!this.joined) return;
    // What was promised and never came would leave a channel waiting for ever on a line that is otherwise well.
    const owed = [...this.channels.values()].some(({ view, refused, again }) => view.awaiting && !refused && again === null);
    if (!owed) this.settledAt = now;
    else if (now - this.settledAt > SILENCE_MS) return this.#lost();
    const quiet = now - this.heardAt > PROMPT_MS && now - this.pingedAt > PROMPT_MS;
    if (quiet || now - this.pingedAt > this.pingEvery) this.#ping();
    for (const [channel, entry] of this.channels) if (entry.again !== null && now >= entry.again) this.#subscribe(channel);
  }

  #tell() {
    const status = this.status;
    const key = `${status.state} ${status.staleSince} ${status.doubtSince} ${status.behindMs}`;
    const second = Math.floor(Date.now() / 1000);
    // Every frame passes here; listeners hear of what differs, and of each second for what counts up.
    if (key === this.told && second === this.toldSecond) return;
    Object.assign(this, { told: key, toldSecond: second });
    this.dispatchEvent(new CustomEvent("status", { detail: status }));
  }
}
