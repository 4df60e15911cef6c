// The other end of the wire, played by hand: a clock that only a test moves, and a hub that says what it is told to.
import { afterEach, vi, test as vitestTest } from "vitest";
import { LiveClient } from "../client.ts";

/** A test whose clocks are its own: `t.mock` puts them in, and they are taken out after it. */
export const test = (name, body) => vitestTest(name, () => body({ mock: { method: replace } }));
const replace = (object, name, act) => vi.spyOn(object, name).mockImplementation(act);
afterEach(() => vi.restoreAllMocks());

export const TICK_MS = 250; // how often the client looks at its clock: a pause may end so much later
export const FLOOR = "floor:2026-12-13";
export const TABLES = "tables";
export const VENUE = {
  slug: "main",
  name: "Lia",
  zone: "Europe/Istanbul",
  service_day: "2026-11-23",
  day_ends_at: "2026-11-24T02:00:00+03:00",
};
const LIMITS = { stale_after_ms: 5_000, silence_ms: 15_000, ping_every_ms: 5_000 };
export const at = (version, epoch = "k3f9a2b7") => `${epoch}:${version}`;
export const bookings = (guests) => ({
  bookings: Object.fromEntries(Object.entries(guests).map(([id, count]) => [id, { guests: count }])),
});

/** The device's time: Date, performance and timers, all of them only by `pass`. */
class Time {
  constructor(t) {
    this.now = Date.parse("2026-11-23T09:51:36+03:00");
    this.ran = 0; // what has passed: the same for clocks that can't be set
    this.timers = new Map();
    t.mock.method(Date, "now", () => this.now);
    t.mock.method(performance, "now", () => this.ran);
    t.mock.method(globalThis, "setInterval", (act, every) => {
      const timer = {};
      this.timers.set(timer, { act, every, due: this.ran + every });
      return timer;
    });
    t.mock.method(globalThis, "setTimeout", (act, after) => {
      const timer = {};
      const once = () => {
        this.timers.delete(timer);
        act();
      };
      this.timers.set(timer, { act: once, every: after, due: this.ran + after });
      return timer;
    });
    for (const name of ["clearInterval", "clearTimeout"]) {
      t.mock.method(globalThis, name, (timer) => this.timers.delete(timer));
    }
  }

  async pass(ms) {
    const end = this.ran + ms;
    // Whatever was promised before time moves is done before it moves.
    await settled();
    for (;;) {
      const [next] = [...this.timers.values()].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (!next) break;
      this.#reach(next.due);
      next.due += next.every;
      next.act();
      await settled();
    }
    this.#reach(end);
  }

  #reach(ran) {
    this.now += ran - this.ran;
    this.ran = ran;
  }
}

const { setImmediate: soon } = globalThis;
const settled = () => new Promise((done) => soon(done));

/** One connection as the hub has it: what it heard, and what it says. */
class Socket extends EventTarget {
  constructor(url, subprotocol) {
    super();
    Object.assign(this, { url, subprotocol, readyState: 0, heard: [], closedWith: null });
  }

  send(text) {
    if (this.readyState !== 1) throw new Error("sent into a connection that is not open");
    this.heard.push(JSON.parse(text));
  }

  // As on a dead line: the answer to a close never comes.
  close(code) {
    this.readyState = 2;
    this.closedWith = code;
  }

  accept() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  say(...frames) {
    for (const frame of frames) this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }

  end(code = 1006, reason = "") {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
  }

  all = (op) => this.heard.filter((frame) => frame.op === op);
  last = (op) => this.all(op).at(-1);
}

/** A client that has been started, and the hub it speaks to. `skew` is how far the hub's clock is ahead. */
export function begin(t, { channels = [FLOOR], token = "first", renew, random = () => 0.5, skew = 0 } = {}) {
  const time = new Time(t);
  const sockets = [];
  const asked = []; // instants at which a new token was asked for
  const states = [];
  const told = [];
  const events = [];
  const live = new LiveClient({
    url: "ws://hub/live",
    token,
    random: () => scene.random(),
    renew: () => {
      asked.push(time.ran);
      return Promise.resolve().then(() => renew(asked.length));
    },
    on: {
      status: (status) => {
        told.push(status);
        if (states.at(-1) !== status.state) states.push(status.state);
      },
    },
    Socket: class extends Socket {
      constructor(...values) {
        super(...values);
        sockets.push(this);
      }
    },
  });
  const stamp = (age = 0) => new Date(time.now + scene.skew - age).toISOString();
  const scene = {
    ...{ live, time, sockets, asked, told, states, events, random, skew, stamp },
    pass: (ms) => time.pass(ms),
    /** Somebody sets the device's clock; the hub's goes on as it did. */
    setClock(ms) {
      time.now += ms;
      scene.skew -= ms;
    },
    watch: (channel) => live.watch(channel, (event) => events.push(event)),
    get hub() {
      return sockets.at(-1);
    },
    fresh: (age = 0) => scene.hub.say({ op: "fresh", verified_at: stamp(age) }),
    pong: () => scene.hub.say({ op: "pong", id: scene.hub.last("ping").id, server_time: stamp() }),
    /** Lets the client in, but answers no ping; what its channels get is the test's. */
    admit(roles = {}) {
      scene.hub.accept();
      const { id } = scene.hub.last("connect");
      scene.hub.say({
        op: "connected",
        id,
        expires_in: 3599,
        roles,
        server_time: stamp(),
        venue: VENUE,
        limits: LIMITS,
      });
      return id;
    },
    /** Lets the client in; what its channels get is the test's. */
    letIn(roles = {}) {
      const id = scene.admit(roles);
      scene.pong();
      return id;
    },
    subscribed: (channel, id, position, recovered) =>
      scene.hub.say({ op: "subscribed", id, channel, position, recovered }),
    snapshot: (channel, position, data) => scene.hub.say({ op: "snapshot", channel, position, at: stamp(), data }),
    update: (channel, previous, position, data = {}) =>
      scene.hub.say({ op: "update", channel, previous, position, at: stamp(), data }),
    /** Lets the client in, gives each channel a state or leaves it as it was, and says that it is fresh. */
    bring(position = at(7), data = bookings({ 1: 2 })) {
      const id = scene.letIn();
      for (const [channel, since] of Object.entries(scene.hub.last("connect").since)) {
        scene.subscribed(channel, id, since ?? position, since !== null);
        if (since === null) scene.snapshot(channel, position, data);
      }
      scene.fresh();
    },
    /** Time passes on a line that is well. */
    async prosper(ms) {
      for (const end = time.ran + ms; time.ran < end; ) {
        await time.pass(Math.min(2_000, end - time.ran));
        scene.pong();
        scene.fresh();
      }
    },
    /** The page is frozen: clocks go on, and no timer runs until it is thawed. */
    freeze(ms) {
      time.now += ms;
      time.ran += ms;
      for (const timer of time.timers.values()) timer.due = Math.max(timer.due, time.ran);
    },
    /** The device sleeps: only the clock on the wall goes on, and no timer runs. */
    sleep: (ms) => (time.now += ms),
    /** The connection ends (unless the client has ended it): how long until the client opens the next one, or null. */
    async cut(code = 1006, limit = 60_000) {
      const [count, from] = [sockets.length, time.ran];
      if (scene.hub.readyState < 2) scene.hub.end(code);
      await scene.pass(0);
      while (sockets.length === count && time.ran - from < limit) await time.pass(50);
      return sockets.length > count ? time.ran - from : null;
    },
  };
  for (const channel of channels) scene.watch(channel);
  live.start();
  return scene;
}
