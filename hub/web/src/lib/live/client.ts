// The client of the live channel (docs/live-protocol.md): one socket, many channels, no DOM.
// Rules of frames are in view.ts, of reconnecting in retry.ts, of how old what is held may be in age.ts. What is left
// is one state machine over a socket and a timer, and it stays in one file: its parts share nearly every field.
import { AgeRule, type Reading, STALE_AFTER_MS } from "./age.ts";
import { afterClose, type Bye, backoff, CALM_MS, type Random } from "./retry.ts";
import type { ChannelEvent, Connected, Entry, Events, LiveStatus, Refusal, Renew, Watcher } from "./types.ts";
import { asked, type ChannelFrame, newView, receive } from "./view.ts";

export type { ChannelEvent, Connected, LiveStatus, Refusal, Watcher } from "./types.ts";

const SUBPROTOCOL = "booking.v1.json";
const TICK_MS = 250;
const CONNECT_MS = 10_000;
const SILENCE_MS = 15_000;
const PING_MS = 5_000;
// What was promised and never comes would leave a channel waiting for ever on a line that is otherwise well.
const OWED_MS = 30_000;
const UNAUTHENTICATED = 4001;
const OPEN = 1;

// biome-ignore lint/suspicious/noExplicitAny: a frame is what the wire brought; each handler reads what it knows
type Frame = any;

const reading = (): Reading => ({ wall: Date.now(), mono: performance.now() });
// By the clock that says more: one can be set, the other stands still while the machine sleeps.
const since = (now: Reading, then: Reading) => Math.max(now.wall - then.wall, now.mono - then.mono);
const instant = (text: unknown): number | null => {
  const at = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? at : null;
};

/**
 * `renew` gives a new token, null when the session is over, and throws when it couldn't be asked. Without a token it is
 * a visitor. It tells its status on every change and once a second, and the hub's frames "connected" and "roles".
 */
export class LiveClient {
  readonly channels = new Map<string, Entry>();
  token: string | null;
  session: string | null = null;
  joined = false;
  readonly #url: string;
  readonly #renew: Renew;
  readonly #Socket: typeof WebSocket;
  readonly #random: Random;
  readonly #told: Partial<Events>;
  readonly #age = new AgeRule();
  readonly #asks = new Map<number, string[]>(); // id of a subscribe → its channels
  readonly #leaving = new Set<unknown>(); // ids of our own unsubscribes
  #nextId = 1;
  #ahead: number | null = null; // the hub's clock minus ours, as last known
  #attempt = 0;
  #renewed = false;
  #renewFirst = false;
  #generation = 0; // counts sockets and stops: what an earlier one still has to say is not heard
  #socket: WebSocket | null = null;
  #bye: Bye | null = null;
  #retryAt: number | null = null;
  #startedAt = reading();
  #currentAt: Reading | null = null;
  #stopped: { code: number; reason: string } | null = null;
  #offered: string | null = null;
  #connectId: number | null = null;
  #openedAt = reading();
  #heardAt = reading();
  #keptAt = reading();
  #joinedAt = reading();
  #pingedAt = reading();
  #silenceMs = SILENCE_MS;
  #pingMs = PING_MS;
  #roles: string | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #ageing: ReturnType<typeof setTimeout> | undefined;
  #toldKey = "";
  #toldSecond = 0;

  constructor(options: {
    url: string;
    token?: string | null;
    renew: Renew;
    Socket?: typeof WebSocket;
    random?: Random;
    on?: Partial<Events>;
  }) {
    this.#url = options.url;
    this.token = options.token ?? null;
    this.#renew = options.renew;
    this.#Socket = options.Socket ?? globalThis.WebSocket;
    this.#random = options.random ?? Math.random;
    this.#told = options.on ?? {};
  }

  start(token: string | null = this.token): void {
    this.#halt();
    Object.assign(this, { token });
    this.#stopped = null;
    this.#attempt = 0;
    this.#renewed = this.#renewFirst = false;
    this.#startedAt = reading();
    this.#currentAt = null;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#open();
  }

  stop(code = 1000, reason = ""): void {
    this.#halt();
    this.#stopped = { code, reason };
    this.#tell();
  }

  /** The network or the page is back: don't sit out a pause, and don't trust a line that slept. */
  nudge(): void {
    if (this.#stopped) return;
    if (this.joined) this.#ping();
    else if (this.#retryAt !== null) this.#retryAt = Math.min(this.#retryAt, performance.now() + this.#random() * 500);
    this.#tick();
  }

  watch(channel: string, callback: Watcher): void {
    let entry = this.channels.get(channel);
    if (!entry) {
      entry = {
        view: newView(),
        callbacks: new Set(),
        askedBy: null,
        again: null,
        tries: 0,
        refused: null,
        settledAt: reading(),
      };
      this.channels.set(channel, entry);
      if (this.joined) this.#subscribe([channel]);
      else entry.view = asked(entry.view);
    }
    entry.callbacks.add(callback);
    if (entry.view.data) callback({ channel, ...entry.view, changed: {}, kind: "held" });
  }

  /** Without a callback: everybody's. */
  unwatch(channel: string, callback?: Watcher): void {
    const entry = this.channels.get(channel);
    if (!entry) return;
    if (callback) entry.callbacks.delete(callback);
    if (callback && entry.callbacks.size > 0) return;
    this.channels.delete(channel);
    if (!this.joined) return;
    const id = this.#id();
    this.#leaving.add(id);
    this.#send({ op: "unsubscribe", id, channel });
  }

  /** A word of our own on a channel that takes some (presence). Lost while there is no line: whoever says it says it again. */
  say(op: string, channel: string, data: unknown): void {
    if (this.joined) this.#send({ op, channel, data });
  }

  /** A token that was renewed elsewhere, for instance by a REST call that met its end first. */
  useToken(token: string | null): void {
    if (token === this.token) return;
    this.token = token;
    if (this.joined) this.#refresh();
  }

  /** The hub's clock now, in ms since 1970, as well as it is known; null before the first answer. */
  get serverNow(): number | null {
    const now = reading();
    const told = this.#age.hubTime(now);
    if (told !== null) this.#ahead = told - now.wall;
    return this.#ahead === null ? null : now.wall + this.#ahead;
  }

  /**
   * live: all that is held is at most a few seconds old, by the rule of age.ts. stale: it may be older, since
   * `staleSince` (this device's clock). connecting: nothing is held yet, or the line is being mended and what is held
   * is not older than that yet. stopped: for good, until start().
   */
  get status(): LiveStatus {
    const now = reading();
    const age = this.joined ? this.#age.age(now) : null;
    const settled = !this.#owed().length;
    // While a channel waits for its state, what the hub verified isn't what we hold.
    if (age !== null && settled) this.#currentAt = { wall: now.wall - age, mono: now.mono - age };
    const silent = since(now, this.#currentAt ?? this.#startedAt);
    const holds = [...this.channels.values()].some(({ view }) => view.data !== null);
    const old = holds && silent > this.#age.staleAfter;
    const told = { ageMs: this.#currentAt && silent, staleSince: null, ...this.#stopped };
    if (this.#stopped) return { ...told, state: "stopped", staleSince: holds ? now.wall - silent : null };
    if (settled && age !== null && age <= this.#age.staleAfter) return { ...told, state: "live" };
    return old ? { ...told, state: "stale", staleSince: now.wall - silent } : { ...told, state: "connecting" };
  }

  #idle(): void {
    this.#socket = null;
    this.joined = false;
    this.#bye = null;
    this.#retryAt = null;
    this.#age.reset();
    this.#asks.clear();
    this.#leaving.clear();
    // What is held is not known to be current again before the next connection has said so.
    for (const entry of this.channels.values())
      Object.assign(entry, { askedBy: null, again: null, view: asked(entry.view) });
  }

  #owed = () => [...this.channels.values()].filter((entry) => entry.view.awaiting && !entry.refused);

  #open(): void {
    this.#idle();
    const generation = ++this.#generation;
    const mine =
      <E>(handle: (event: E) => void) =>
      (event: E) => {
        if (generation === this.#generation) handle(event);
      };
    this.#openedAt = this.#heardAt = this.#keptAt = reading();
    for (const entry of this.channels.values()) entry.settledAt = this.#openedAt;
    const socket = new this.#Socket(this.#url, SUBPROTOCOL);
    this.#socket = socket;
    socket.addEventListener(
      "open",
      mine(() => this.#connect()),
    );
    socket.addEventListener(
      "message",
      mine((event) => this.#hear(event.data)),
    );
    socket.addEventListener(
      "close",
      mine((event) => this.#closed(event.code, event.reason)),
    );
    this.#tell();
  }

  #connect(): void {
    const held: Record<string, string | null> = {};
    const id = this.#id();
    for (const [channel, entry] of this.channels) {
      held[channel] = entry.view.position;
      Object.assign(entry, { view: asked(entry.view), askedBy: id, refused: null });
    }
    this.#connectId = id;
    this.#offered = this.token;
    this.#send({ op: "connect", id, ...(this.token && { token: this.token }), since: held });
  }

  #id = () => this.#nextId++;

  #send(frame: Record<string, unknown>): void {
    if (this.#socket?.readyState !== OPEN) return;
    this.#socket.send(JSON.stringify({ id: this.#id(), ...frame }));
  }

  /** `anew`: as if nothing of them were held. */
  #subscribe(names: string[], anew = false): void {
    const id = this.#id();
    const channels: Record<string, string | null> = {};
    for (const name of names) {
      const entry = this.channels.get(name);
      if (!entry) continue;
      channels[name] = anew ? null : entry.view.position;
      Object.assign(entry, { view: asked(entry.view), askedBy: id, again: null, refused: null });
    }
    this.#asks.set(id, names);
    this.#send({ op: "subscribe", id, channels });
  }

  #refresh(): void {
    this.#offered = this.token;
    this.#send({ op: "refresh", token: this.token });
  }

  #ping(): void {
    const id = this.#id();
    this.#pingedAt = reading();
    this.#age.ping(id, this.#pingedAt);
    this.#send({ op: "ping", id });
  }

  #hear(text: string): void {
    this.#heardAt = reading();
    let frame: Frame;
    try {
      frame = JSON.parse(text);
    } catch {
      this.#lost();
      return;
    }
    // An op that we don't know is a newer hub's: what it must say to us it says in the ops we know.
    this.#handlers[frame?.op]?.(frame);
    this.#tell();
  }

  readonly #handlers: Record<string, (frame: Frame) => void> = {
    connected: (frame) => this.#welcome(frame),
    pong: (frame) => {
      const time = instant(frame.server_time);
      if (time !== null) this.#age.pong(frame.id, time, reading());
    },
    fresh: (frame) => this.#age.fresh(instant(frame.verified_at)),
    roles: (frame) => {
      this.#takeRoles(frame);
      this.#told.roles?.(frame.roles);
    },
    refreshed: (frame) => {
      this.#takeRoles(frame);
    },
    subscribed: (frame) => {
      // An answer to a subscription that was given up and asked anew says nothing of the new one.
      if (this.channels.get(frame.channel)?.askedBy === frame.id) this.#receive(frame);
    },
    unsubscribed: (frame) => {
      // Not asked for: a renewed token, or another role, may no longer see this channel.
      if (!this.#leaving.delete(frame.id)) this.#refuse(frame.channel, { code: "forbidden", ...frame });
    },
    snapshot: (frame) => this.#receive(frame),
    update: (frame) => this.#receive(frame),
    resync: (frame) => this.#receive(frame),
    expiring: () => void this.#renewInTime(),
    error: (frame) => this.#error(frame),
    bye: (frame) => {
      this.#bye = frame;
    },
  };

  #welcome(frame: Connected): void {
    const limits = frame.limits ?? {};
    this.joined = true;
    this.session = frame.session;
    this.#joinedAt = this.#keptAt = reading();
    this.#age.staleAfter = limits.stale_after_ms ?? STALE_AFTER_MS;
    this.#silenceMs = limits.silence_ms ?? SILENCE_MS;
    this.#pingMs = limits.ping_every_ms ?? PING_MS;
    const time = instant(frame.server_time);
    this.#ahead ??= time === null ? null : time - Date.now();
    this.#ping();
    if (this.token && this.token !== this.#offered) this.#refresh();
    const early = [...this.channels].filter(([, entry]) => entry.askedBy === null).map(([name]) => name);
    // Another role may see more of a channel, or less, at the same position.
    const anew = this.#takeRoles(frame) && this.channels.size > 0;
    if (anew) this.#subscribe([...this.channels.keys()], true);
    else if (early.length > 0) this.#subscribe(early);
    this.#told.connected?.(frame);
  }

  /** Whether they are others than were known before. */
  #takeRoles(frame: { roles?: Record<string, string> }): boolean {
    const before = this.#roles;
    this.#roles = JSON.stringify(frame.roles ?? {});
    return before !== undefined && before !== this.#roles;
  }

  #receive(frame: ChannelFrame): void {
    const entry = this.channels.get(frame.channel);
    if (!entry) return;
    const { view, ask, applied, changed } = receive(entry.view, frame);
    entry.view = view;
    if (frame.op === "subscribed") entry.tries = 0;
    if (ask && entry.again === null) this.#subscribe([frame.channel]);
    if (!applied) return;
    entry.settledAt = reading(); // over a slow line the next one may be owed before anybody looks
    const kind = frame.op as ChannelEvent["kind"];
    for (const callback of entry.callbacks) callback({ channel: frame.channel, ...view, changed, at: frame.at, kind });
  }

  #error(frame: Refusal): void {
    if (frame.id === this.#connectId && !frame.channel && !this.joined) {
      // Not let in. What may work later is tried on another connection, so that the pauses grow.
      if (!frame.retryable) this.#bye = { code: 4000, reason: frame.message ?? "", reconnect: false };
      this.#lost();
      return;
    }
    // A question that was one too many is refused without its channels.
    const channels = frame.channel ? [frame.channel] : (this.#asks.get(frame.id as number) ?? []);
    for (const channel of channels) this.#refuse(channel, frame);
  }

  #refuse(channel: string, frame: Refusal): void {
    const entry = this.channels.get(channel);
    if (!entry) return;
    if (frame.retryable) {
      const wished = Number(frame.retry_after_ms) || 0;
      entry.view = asked(entry.view); // until it is asked again nothing tells of it
      entry.again = performance.now() + Math.max(wished, 500, backoff(entry.tries++, this.#random));
      return;
    }
    entry.refused = frame;
    for (const callback of entry.callbacks)
      callback({ channel, ...entry.view, changed: {}, kind: "refused", error: frame });
  }

  async #renewInTime(): Promise<void> {
    const generation = this.#generation;
    try {
      const token = await this.#renew();
      if (token && generation === this.#generation) this.useToken(token);
    } catch {
      // Not reached: the hub closes with 4200 after its grace, and the renewal is tried again there.
    }
  }

  #drop(): void {
    this.#generation++;
    // close() waits for the peer's answer, which a dead line never gives: so its events are no longer ours.
    this.#socket?.close(1000);
  }

  #halt(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#ageing);
    this.#drop();
    this.#idle();
  }

  #lost(): void {
    this.#drop();
    this.#closed(1006, "");
  }

  #closed(code: number, reason: string): void {
    const bye = this.#bye;
    const calm = this.joined && since(reading(), this.#joinedAt) >= CALM_MS;
    if (calm) {
      this.#attempt = 0;
      this.#renewed = false;
    }
    // Renewed elsewhere while `connect` was on its way: what the hub refused was the token before it.
    const newer = this.token !== this.#offered;
    const next = afterClose({ code, bye, attempt: this.#attempt, renewed: this.#renewed, random: this.#random });
    this.#idle();
    if (next.act === "stop" && !(newer && next.code === UNAUTHENTICATED)) {
      this.stop(next.code, bye?.reason ?? reason);
      return;
    }
    this.#attempt++;
    this.#renewed ||= next.act === "renew";
    this.#renewFirst = next.act === "renew" && !newer && this.token !== null;
    this.#retryAt = performance.now() + next.delay;
    this.#tick();
  }

  async #reopen(): Promise<void> {
    this.#retryAt = null;
    if (!this.#renewFirst) {
      this.#open();
      return;
    }
    const generation = ++this.#generation;
    try {
      const token = await this.#renew();
      if (generation !== this.#generation) return;
      if (!token) {
        this.stop(UNAUTHENTICATED, "session over");
        return;
      }
      this.token = token;
      this.#renewFirst = false;
      this.#open();
    } catch {
      if (generation === this.#generation) this.#closed(4200, "");
    }
  }

  #tick(): void {
    if (this.#stopped) return;
    if (this.#retryAt !== null && performance.now() >= this.#retryAt) void this.#reopen();
    else if (this.#socket) this.#keep(reading());
    this.#tell();
  }

  #keep(now: Reading): void {
    if (!this.joined) {
      if (since(now, this.#openedAt) > CONNECT_MS) this.#lost();
      return;
    }
    // Where we stood still ourselves (a frozen page), what was said meanwhile is still to be read: a last chance.
    const late = now.mono - this.#keptAt.mono > PING_MS;
    const chance = now.mono - this.#silenceMs + PING_MS;
    if (late && this.#heardAt.mono < chance) this.#heardAt = { ...this.#heardAt, mono: chance };
    this.#keptAt = now;
    if (now.mono - this.#heardAt.mono > this.#silenceMs) {
      this.#lost();
      return;
    }
    const owed = new Set(this.#owed().filter((entry) => entry.again === null));
    for (const entry of this.channels.values()) if (!owed.has(entry)) entry.settledAt = now;
    if ([...owed].some((entry) => now.mono - entry.settledAt.mono > OWED_MS)) {
      this.#lost();
      return;
    }
    if (since(now, this.#pingedAt) >= this.#pingMs || this.#age.lostBounds(now)) this.#ping();
    const due = [...this.channels].filter(([, { again }]) => again !== null && now.mono >= again).map(([name]) => name);
    if (due.length > 0) this.#subscribe(due);
  }

  #tell(): void {
    const status = this.status;
    clearTimeout(this.#ageing);
    // It turns stale by itself, at that moment: no frame is needed, and none that comes late delays it.
    if (status.state === "live") this.#ageing = setTimeout(() => this.#tell(), this.#age.liveFor(reading()));
    const key = `${status.state} ${status.staleSince === null}`;
    const second = Math.floor(Date.now() / 1000);
    // Every frame passes here; listeners hear of what differs, and of each second for what counts up.
    if (key === this.#toldKey && second === this.#toldSecond) return;
    this.#toldKey = key;
    this.#toldSecond = second;
    this.#told.status?.(status);
  }
}
