// The client of the live channel (docs/live-protocol.md): one socket, many channels, no DOM.
// Its socket is in line.ts, what it holds of its channels in channels.ts; rules of frames are in view.ts, of reconnecting
// in retry.ts, of how old what is held may be in age.ts. What is left is when to connect, to ask, to call it stale and to
// tell: one state machine, whose parts share nearly every field.
import { type Reading, reading, since } from "../time/clock.ts";
import { AgeRule, STALE_AFTER_MS } from "./age.ts";
import { Channels } from "./channels.ts";
import { Line } from "./line.ts";
import { afterClose, type Bye, CALM_MS, type Random } from "./retry.ts";
import type { Connected, Entry, Events, LiveStatus, Refusal, Renew, Watcher } from "./types.ts";

export type { ChannelEvent, Connected, LiveStatus, Refusal, Watcher } from "./types.ts";

const SUBPROTOCOL = "booking.v1.json";
const TICK_MS = 250;
const CONNECT_MS = 10_000;
const SILENCE_MS = 15_000;
const PING_MS = 5_000;
const PENDING_MS = 30_000; // what never comes would leave a channel waiting for ever on a line that is well
const UNAUTHENTICATED = 4001;

// biome-ignore lint/suspicious/noExplicitAny: a frame is what the wire brought; each handler reads what it knows
type Frame = any;

const instant = (text: unknown): number | null => {
  const at = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? at : null;
};

/**
 * `renew` gives a new token, null when the session is over, and throws when it couldn't be asked. Without a token it is
 * a visitor. It tells its status on every change and once a second, and the hub's frames "connected" and "roles".
 */
export class LiveClient {
  token: string | null;
  session: string | null = null;
  joined = false;
  readonly #renew: Renew;
  readonly #random: Random;
  readonly #line: Line;
  readonly #held: Channels;
  readonly #told: Partial<Events>;
  readonly #age = new AgeRule();
  #lastId = 0;
  readonly #id = (): number => ++this.#lastId;
  #ahead: number | null = null; // the hub's clock minus ours, as last known
  #attempt = 0;
  #renewed = false;
  #renewFirst = false;
  #bye: Bye | null = null;
  #retryAt: number | null = null;
  #startedAt = reading();
  #currentAt: Reading | null = null;
  #stopped: { code: number; reason: string } | null = null;
  #isGone = false;
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
    this.token = options.token ?? null;
    this.#renew = options.renew;
    this.#random = options.random ?? Math.random;
    this.#line = new Line(options.url, SUBPROTOCOL, options.Socket ?? globalThis.WebSocket);
    this.#held = new Channels(this.#random, this.#id, (frame) => this.#line.send(frame));
    this.#told = options.on ?? {};
  }

  start(token: string | null = this.token): void {
    this.#halt();
    Object.assign(this, { token });
    this.#stopped = null;
    this.#isGone = false;
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

  /** What it holds of each channel. */
  get channels(): ReadonlyMap<string, Entry> {
    return this.#held.entries;
  }

  watch(channel: string, callback: Watcher): void {
    if (this.#held.watch(channel, callback, reading()) && this.joined) this.#held.subscribe([channel]);
  }

  /** Without a callback: everybody's. */
  unwatch(channel: string, callback?: Watcher): void {
    if (this.#held.unwatch(channel, callback) && this.joined) this.#held.leave(channel);
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
   * `staleSince` (this device's clock), or the line is gone (`isGone`: a try to open it anew failed). connecting: nothing
   * is held yet, or the line is being mended and what is held is not older than that yet. stopped: until start().
   */
  get status(): LiveStatus {
    const now = reading();
    const age = this.joined ? this.#age.age(now) : null;
    const settled = this.#held.pending.length === 0;
    // While a channel waits for its state, what the hub verified isn't what we hold.
    if (age !== null && settled) this.#currentAt = { wall: now.wall - age, mono: now.mono - age };
    const silent = since(now, this.#currentAt ?? this.#startedAt);
    const holds = this.#held.holdAny;
    const old = holds && (this.#isGone || silent > this.#age.staleAfter);
    const told = { ageMs: this.#currentAt && silent, staleSince: null, isGone: this.#isGone, ...this.#stopped };
    if (this.#stopped) return { ...told, state: "stopped", staleSince: holds ? now.wall - silent : null };
    if (settled && age !== null && age <= this.#age.staleAfter) return { ...told, state: "live" };
    return old ? { ...told, state: "stale", staleSince: now.wall - silent } : { ...told, state: "connecting" };
  }

  #idle(): void {
    this.#line.forget();
    this.joined = false;
    this.#connectId = null;
    this.#bye = null;
    this.#retryAt = null;
    this.#age.reset();
    this.#held.idle();
  }

  #open(): void {
    this.#idle();
    this.#openedAt = this.#heardAt = this.#keptAt = reading();
    this.#held.settle(this.#openedAt);
    this.#line.open({
      open: () => this.#connect(),
      message: (text) => this.#hear(text),
      close: (code, reason) => this.#closed(code, reason),
    });
    this.#tell();
  }

  #connect(): void {
    const id = this.#id();
    this.#connectId = id;
    this.#isGone = false;
    this.#offered = this.token;
    this.#send({ op: "connect", id, ...(this.token && { token: this.token }), since: this.#held.offer(id) });
  }

  #send(frame: Record<string, unknown>): void {
    this.#line.send({ id: this.#id(), ...frame });
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
    connected: (frame) => this.#connected(frame),
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
    subscribed: (frame) => this.#held.subscribed(frame, reading()),
    unsubscribed: (frame) => this.#held.unsubscribed(frame),
    snapshot: (frame) => this.#held.receive(frame, reading()),
    update: (frame) => this.#held.receive(frame, reading()),
    resync: (frame) => this.#held.receive(frame, reading()),
    expiring: () => void this.#renewInTime(),
    error: (frame) => this.#error(frame),
    bye: (frame) => {
      this.#bye = frame;
    },
  };

  #connected(frame: Connected): void {
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
    const early = this.#held.unasked;
    // Another role may see more of a channel, or less, at the same position.
    const anew = this.#takeRoles(frame) && this.channels.size > 0;
    if (anew) this.#held.subscribe([...this.channels.keys()], true);
    else if (early.length > 0) this.#held.subscribe(early);
    this.#told.connected?.(frame);
  }

  /** Whether they are others than were known before. */
  #takeRoles(frame: { roles?: Record<string, string> }): boolean {
    const before = this.#roles;
    this.#roles = JSON.stringify(frame.roles ?? {});
    return before !== undefined && before !== this.#roles;
  }

  #error(frame: Refusal): void {
    if (frame.id === this.#connectId && !frame.channel && !this.joined) {
      // Not let in. What may work later is tried on another connection, so that the pauses grow.
      if (!frame.retryable) this.#bye = { code: 4000, reason: frame.message ?? "", reconnect: false };
      this.#lost();
      return;
    }
    this.#held.refused(frame);
  }

  async #renewInTime(): Promise<void> {
    const goesOn = this.#line.goesOn();
    try {
      const token = await this.#renew();
      if (token && goesOn()) this.useToken(token);
    } catch {
      // Not reached: the hub closes with 4200 after its grace, and the renewal is tried again there.
    }
  }

  #halt(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#ageing);
    this.#line.drop();
    this.#idle();
  }

  #lost(): void {
    this.#line.drop();
    this.#closed(1006, "");
  }

  #closed(code: number, reason: string): void {
    const bye = this.#bye;
    this.#isGone ||= this.#connectId === null; // it ends before it was open
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
    const goesOn = this.#line.begin();
    try {
      const token = await this.#renew();
      if (!goesOn()) return;
      if (!token) {
        this.stop(UNAUTHENTICATED, "session over");
        return;
      }
      this.token = token;
      this.#renewFirst = false;
      this.#open();
    } catch {
      if (goesOn()) this.#closed(4200, "");
    }
  }

  #tick(): void {
    if (this.#stopped) return;
    if (this.#retryAt !== null && performance.now() >= this.#retryAt) void this.#reopen();
    else if (this.#line.isThere) this.#keep(reading());
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
    if (this.#held.isPendingTooLong(now, PENDING_MS)) {
      this.#lost();
      return;
    }
    if (since(now, this.#pingedAt) >= this.#pingMs || this.#age.lostBounds(now)) this.#ping();
    this.#held.askAgain(now);
  }

  #tell(): void {
    const status = this.status;
    clearTimeout(this.#ageing);
    // It turns stale by itself, at that moment: no frame is needed, and none that comes late delays it.
    if (status.state === "live") this.#ageing = setTimeout(() => this.#tell(), this.#age.liveFor(reading()));
    const key = `${status.state} ${status.staleSince === null} ${status.isGone}`;
    const second = Math.floor(Date.now() / 1000);
    // Every frame passes here; listeners hear of what differs, and of each second for what counts up.
    if (key === this.#toldKey && second === this.#toldSecond) return;
    this.#toldKey = key;
    this.#toldSecond = second;
    this.#told.status?.(status);
  }
}
