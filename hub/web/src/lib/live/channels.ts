// What a client holds of its channels: who watches each, what was asked for it, and what is still pending. No socket, no
// clock of its own: `send` takes what is to be said, and times are told.
import type { Reading } from "../time/clock.ts";
import { backoff, type Random } from "./retry.ts";
import type { ChannelEvent, Entry, Refusal, Watcher } from "./types.ts";
import { asked, type ChannelFrame, newView, receive } from "./view.ts";

type Send = (frame: Record<string, unknown>) => void;

export class Channels {
  readonly entries = new Map<string, Entry>();
  readonly #random: Random;
  readonly #nextId: () => number;
  readonly #send: Send;
  readonly #asks = new Map<number, string[]>(); // id of a subscribe → its channels
  readonly #leaving = new Set<unknown>(); // ids of our own unsubscribes

  constructor(random: Random, nextId: () => number, send: Send) {
    this.#random = random;
    this.#nextId = nextId;
    this.#send = send;
  }

  /** Whether nobody watched it before: then it is to be asked for. */
  watch(channel: string, callback: Watcher, now: Reading): boolean {
    const known = this.entries.get(channel);
    const entry = known ?? {
      ...{ view: newView(), callbacks: new Set<Watcher>(), askedBy: null, again: null, tries: 0, refused: null },
      settledAt: now,
    };
    if (!known) {
      entry.view = asked(entry.view);
      this.entries.set(channel, entry);
    }
    entry.callbacks.add(callback);
    if (entry.view.data) callback({ channel, ...entry.view, changed: {}, kind: "held" });
    return !known;
  }

  /** Whether nobody watches it any more. */
  unwatch(channel: string, callback?: Watcher): boolean {
    const entry = this.entries.get(channel);
    if (!entry) return false;
    if (callback) entry.callbacks.delete(callback);
    if (callback && entry.callbacks.size > 0) return false;
    return this.entries.delete(channel);
  }

  leave(channel: string): void {
    const id = this.#nextId();
    this.#leaving.add(id);
    this.#send({ op: "unsubscribe", id, channel });
  }

  /** There is no line: what is held is not known to be current again before the next connection has said so. */
  idle(): void {
    this.#asks.clear();
    this.#leaving.clear();
    for (const entry of this.entries.values())
      Object.assign(entry, { askedBy: null, again: null, view: asked(entry.view) });
  }

  /** A connection begins. */
  settle(now: Reading): void {
    for (const entry of this.entries.values()) entry.settledAt = now;
  }

  /** What is held of each, for the connect of this id, which asks for all of them. */
  offer(id: number): Record<string, string | null> {
    const held: Record<string, string | null> = {};
    for (const [channel, entry] of this.entries) {
      held[channel] = entry.view.position;
      Object.assign(entry, { view: asked(entry.view), askedBy: id, refused: null });
    }
    return held;
  }

  /** `anew`: as if nothing of them were held. */
  subscribe(names: Iterable<string>, anew = false): void {
    const id = this.#nextId();
    const channels: Record<string, string | null> = {};
    for (const name of names) {
      const entry = this.entries.get(name);
      if (!entry) continue;
      channels[name] = anew ? null : entry.view.position;
      Object.assign(entry, { view: asked(entry.view), askedBy: id, again: null, refused: null });
    }
    this.#asks.set(id, [...names]);
    this.#send({ op: "subscribe", id, channels });
  }

  /** Those that no connect or subscribe has asked for yet. */
  get unasked(): string[] {
    return [...this.entries].filter(([, entry]) => entry.askedBy === null).map(([name]) => name);
  }

  get holdAny(): boolean {
    return [...this.entries.values()].some(({ view }) => view.data !== null);
  }

  /** Those for whose state one waits. */
  get pending(): Entry[] {
    return [...this.entries.values()].filter((entry) => entry.view.awaiting && !entry.refused);
  }

  /** Whether what was asked for has been pending for longer than `most` ms. */
  isPendingTooLong(now: Reading, most: number): boolean {
    const pending = new Set(this.pending.filter((entry) => entry.again === null));
    for (const entry of this.entries.values()) if (!pending.has(entry)) entry.settledAt = now;
    return [...pending].some((entry) => now.mono - entry.settledAt.mono > most);
  }

  /** Asks again for those whose pause after a refusal is over. */
  askAgain(now: Reading): void {
    const due = [...this.entries].filter(([, { again }]) => again !== null && now.mono >= again).map(([name]) => name);
    if (due.length > 0) this.subscribe(due);
  }

  subscribed(frame: ChannelFrame, now: Reading): void {
    // An answer to a subscription that was given up and asked anew says nothing of the new one.
    if (this.entries.get(frame.channel)?.askedBy === frame.id) this.receive(frame, now);
  }

  unsubscribed(frame: { id: unknown; channel: string }): void {
    // Not asked for: a renewed token, or another role, may no longer see this channel.
    if (!this.#leaving.delete(frame.id)) this.#refuse(frame.channel, { code: "forbidden", ...frame });
  }

  receive(frame: ChannelFrame, now: Reading): void {
    const entry = this.entries.get(frame.channel);
    if (!entry) return;
    const { view, ask, applied, changed } = receive(entry.view, frame);
    entry.view = view;
    if (frame.op === "subscribed") entry.tries = 0;
    if (ask && entry.again === null) this.subscribe([frame.channel]);
    if (!applied) return;
    entry.settledAt = now; // over a slow line the next one may be pending before anybody looks
    const kind = frame.op as ChannelEvent["kind"];
    for (const callback of entry.callbacks) callback({ channel: frame.channel, ...view, changed, at: frame.at, kind });
  }

  /** A question that was one too many is refused without its channels. */
  refused(frame: Refusal): void {
    const channels = frame.channel ? [frame.channel] : (this.#asks.get(frame.id as number) ?? []);
    for (const channel of channels) this.#refuse(channel, frame);
  }

  #refuse(channel: string, frame: Refusal): void {
    const entry = this.entries.get(channel);
    if (!entry) return;
    if (frame.retryable) {
      const least = Number(frame.retry_after_ms) || 0;
      entry.view = asked(entry.view); // until it is asked again nothing tells of it
      entry.again = performance.now() + Math.max(least, 500, backoff(entry.tries++, this.#random));
      return;
    }
    entry.refused = frame;
    for (const callback of entry.callbacks)
      callback({ channel, ...entry.view, changed: {}, kind: "refused", error: frame });
  }
}
