// The REST calls of a page, and the session they are made in.
//
// Every write has a key of its own. A lost answer is asked for again with the same key, so that what was done once is
// done once, and nobody is told "could not be reached" over something that was done. A change names the revision that
// the person saw; if somebody else was first, the hub's 412 brings the thing as it is now.
import type { components } from "../../generated/rest.ts";
import { isUnknown, Problem, type ProblemBody } from "./problem.ts";

const TOKEN = "booking.token";
// The hub itself gives up on a request sooner; longer than this, the line is dead and nobody would answer.
const PATIENCE_MS = 15_000;
/** Before each further question for a lost answer. */
const AGAIN_MS = [300, 1_000, 2_000, 4_000, 8_000];
const REFUSED_TOKENS = new Set(["auth_error", "session_over"]);

export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface WriteOptions {
  body?: unknown;
  /** The revision that the person saw. */
  revision?: number | undefined;
  /** The key of an earlier try of the same action. */
  key?: string | undefined;
}

interface Options {
  /** What stands before each path: of a venue's pages the venue's. */
  prefix?: string;
  fetch?: typeof globalThis.fetch;
  /** sessionStorage by default: a stand that is closed is logged out, and no other tab inherits the role. */
  store?: Store;
  pause?: (ms: number) => Promise<void>;
  renewed?: (token: string) => void;
  over?: () => void;
  /** Another way to a new token than POST /auth/refresh. */
  renewal?: () => Promise<string>;
}

const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** 32 hexadecimal digits of chance. crypto.randomUUID would need HTTPS, which a stand on a house's own network may lack. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Api {
  renewed: (token: string) => void;
  over: () => void;
  readonly #prefix: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #store: Store;
  readonly #pause: (ms: number) => Promise<void>;
  readonly #renewal: () => Promise<string>;
  #renewing: Promise<string | null> | null = null;

  constructor(options: Options = {}) {
    this.#prefix = options.prefix ?? "";
    this.#fetch = options.fetch ?? ((...values) => globalThis.fetch(...values));
    this.#store = options.store ?? sessionStorage;
    this.#pause = options.pause ?? sleep;
    this.renewed = options.renewed ?? (() => {});
    this.over = options.over ?? (() => {});
    this.#renewal = options.renewal ?? (() => this.#tokenOf("/auth/refresh", undefined));
  }

  get token(): string | null {
    return this.#store.getItem(TOKEN);
  }

  #keep(token: string | null): void {
    if (token) this.#store.setItem(TOKEN, token);
    else this.#store.removeItem(TOKEN);
  }

  get<T>(path: string): Promise<T> {
    return this.#inSession<T>("GET", path, {}, undefined);
  }

  /** An answer that is no JSON: a page of the hub's own. */
  text(path: string): Promise<string> {
    return this.#inSession<string>("GET", path, { accept: "text/html" }, undefined);
  }

  /** A call that is never made again by itself: a link that it used up would be refused the second time. */
  once<T>(method: "POST", path: string, body: unknown): Promise<T> {
    return this.#inSession<T>(method, path, {}, body);
  }

  /** The answer of the write, however often it had to be asked for. */
  async write<T>(method: "POST" | "PATCH" | "PUT" | "DELETE", path: string, options: WriteOptions = {}): Promise<T> {
    const headers: Record<string, string> = { "idempotency-key": options.key ?? newKey() };
    if (options.revision !== undefined) headers["if-match"] = `"r${options.revision}"`;
    for (let tries = 0; ; tries++) {
      try {
        return await this.#inSession<T>(method, path, headers, options.body);
      } catch (problem) {
        const pause = AGAIN_MS[tries];
        if (!(problem instanceof Problem) || !isUnknown(problem) || pause === undefined) throw problem;
        await this.#pause(pause);
      }
    }
  }

  async #inSession<T>(method: string, path: string, headers: Record<string, string>, body: unknown): Promise<T> {
    const used = this.token;
    try {
      return (await this.#send(method, path, headers, body)) as T;
    } catch (problem) {
      const refused = problem instanceof Problem && problem.status === 401 && REFUSED_TOKENS.has(problem.code);
      if (!used || !refused) throw problem;
      if (await this.renew()) return (await this.#send(method, path, headers, body)) as T;
      this.over();
      throw problem;
    }
  }

  async #send(method: string, path: string, more: Record<string, string>, body: unknown): Promise<unknown> {
    const headers: Record<string, string> = { accept: "application/json", ...more };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    let answer: Response;
    let text: string;
    try {
      answer = await this.#fetch(this.#prefix + path, {
        method,
        headers,
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      text = await answer.text();
    } catch {
      throw new Problem(0, {});
    }
    let read: unknown = {};
    try {
      if (text) read = JSON.parse(text);
    } catch {
      // A page that was asked for; or a proxy's own error page, of which the status says all that can be said.
      read = answer.ok ? text : {};
    }
    if (!answer.ok) throw new Problem(answer.status, (read ?? {}) as ProblemBody);
    return read;
  }

  async logIn(email: string, password: string): Promise<void> {
    this.#keep(null);
    this.#keep(await this.#tokenOf("/auth/login", { email, password }));
  }

  /** Makes an account, and logs in as it. */
  async register(who: components["schemas"]["Registration"]): Promise<void> {
    this.#keep(null);
    this.#keep(await this.#tokenOf("/auth/register", who));
  }

  async #tokenOf(path: string, body: unknown): Promise<string> {
    const made = (await this.#send("POST", path, {}, body)) as { access_token: string };
    return made.access_token;
  }

  async logOut(): Promise<void> {
    try {
      await this.#send("POST", "/auth/logout", {}, undefined);
    } catch {
      // Already over or not reachable: for this device the session ends all the same.
    }
    this.#keep(null);
  }

  forget(): void {
    this.#keep(null);
  }

  /** A new token of the same session, or null when it is over; throws when the hub couldn't be asked. */
  renew(): Promise<string | null> {
    // The live channel and a REST call may meet the end of a token at the same moment: one renewal serves both.
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(): Promise<string | null> {
    try {
      const token = await this.#renewal();
      this.#keep(token);
      this.renewed(token);
      return token;
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 401) return null;
      throw problem;
    }
  }
}
