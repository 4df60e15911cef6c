// The hold of a table while a form is filled: taken, moved with what is wanted, kept longer once, let go; and what is
// left of it. No DOM. What is wanted last counts: one call is under way at a time.
import { type Signal, signal } from "@preact/signals";
import type { components } from "../../generated/rest.ts";
import type { Api } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { sinceNow } from "../time/clock.ts";

type Answer = components["schemas"]["HoldAnswer"];

/** What a table is to be held for, as the hub takes it. */
export interface HoldRequest {
  date: string;
  time: string;
  guests: number;
  /** Of staff: this table. */
  table_id?: number;
}

export interface Held {
  id: number;
  token: string;
  tables: number[];
  start: number;
  end: number;
  isLonger: boolean;
  /** Counted from the answer, whatever this device's clock says. */
  leftMs: () => number;
}

export type HoldState =
  | { phase: "none" | "asking" }
  | { phase: "held"; held: Held; trouble: Problem | null }
  | { phase: "over" }
  | { phase: "refused"; problem: Problem };

const isSame = (a: HoldRequest, b: HoldRequest): boolean =>
  a.date === b.date && a.time === b.time && a.guests === b.guests && a.table_id === b.table_id;

export class TableHold {
  readonly state: Signal<HoldState> = signal<HoldState>({ phase: "none" });
  readonly #api: Pick<Api, "write">;
  #request: HoldRequest | null = null;
  #held: { request: HoldRequest; held: Held } | null = null;
  /** The token of a hold whose time is over: the hub may still be about to let it go. */
  #ended: string | null = null;
  #running: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Pick<Api, "write">) {
    this.#api = api;
  }

  /** Hold this in the place of what is held; null: let it go. */
  want(request: HoldRequest | null): Promise<void> {
    this.#request = request;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Hold what a form wants now. While the page may be old nothing is asked for; once it is not, what is wanted then. */
  follow(request: HoldRequest | null, isOld: boolean): void {
    const isAsked =
      request === null ? this.#request === null : this.#request !== null && isSame(request, this.#request);
    if (!isOld && !isAsked) void this.want(request);
  }

  /** The token of what is held, once nothing is under way; null: nothing is held for what is wanted. */
  async token(): Promise<string | null> {
    await this.#running;
    return this.state.value.phase === "held" ? this.state.value.held.token : null;
  }

  /** It has become a booking, or is known to be over: nothing is let go. */
  forget(): void {
    this.#request = null;
    this.#put(null, { phase: "none" });
  }

  /** Sees whether the time is over: timers stand still while a device sleeps. */
  tick(): void {
    clearTimeout(this.#timer);
    if (!this.#held) return;
    const left = this.#held.held.leftMs();
    if (left > 0) {
      this.#timer = setTimeout(() => this.tick(), left);
      return;
    }
    this.#ended = this.#held.held.token;
    this.#put(null, { phase: "over" });
  }

  /** For longer, once; a person asked for it. */
  async extend(): Promise<void> {
    const before = this.#held;
    if (!before || before.held.isLonger) return;
    try {
      const path = `/holds/${before.held.token}/extend`;
      const answer = await this.#api.write<Answer>("POST", path, { body: {} });
      if (this.#held === before) this.#take(before.request, answer, true);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (this.#held !== before) return;
      if (problem.code === "hold_over") this.#put(null, { phase: "over" });
      else this.state.value = { phase: "held", held: before.held, trouble: problem };
    }
  }

  async #run(): Promise<void> {
    for (;;) {
      const request = this.#request;
      await this.#move(request);
      if (this.#request === request) return;
    }
  }

  async #move(request: HoldRequest | null): Promise<void> {
    const before = this.#held;
    if (request === null) {
      this.#put(null, { phase: "none" });
      if (before) await this.#release(before.held);
      return;
    }
    if (before && isSame(before.request, request)) return;
    this.state.value = { phase: "asking" };
    try {
      const instead = before?.held.token ?? this.#ended;
      const body = { ...request, ...(instead && { instead }) };
      this.#take(request, await this.#api.write<Answer>("POST", "/holds", { body }), false);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#put(null, { phase: "refused", problem });
      if (before) await this.#release(before.held);
    }
  }

  #take(request: HoldRequest, answer: Answer, isLonger: boolean): void {
    this.#ended = null;
    const passed = sinceNow();
    const { id, token, tables, start_at, end_at, expires_in } = answer;
    const held: Held = {
      ...{ id, token, tables, isLonger, start: Date.parse(start_at), end: Date.parse(end_at) },
      leftMs: () => Math.max(0, expires_in * 1000 - passed()),
    };
    this.#put({ request, held }, { phase: "held", held, trouble: null });
  }

  #put(held: { request: HoldRequest; held: Held } | null, state: HoldState): void {
    clearTimeout(this.#timer);
    this.#held = held;
    this.state.value = state;
    this.tick();
  }

  /** Whatever becomes of it: a hold ends by itself. */
  async #release(held: Held): Promise<void> {
    try {
      await this.#api.write("DELETE", `/holds/${held.token}`);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
    }
  }
}
