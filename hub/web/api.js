// The REST calls of the page, and the session they are made in.

const KEY = "booking.token";
// The hub itself gives up on a request sooner; longer than this, the line is dead and nobody would answer.
const PATIENCE_MS = 15_000;
const REFUSED_TOKENS = new Set(["auth_error", "session_over"]);

/** A problem+json answer: `code` is the slug that a program reads, `message` what people read. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The hub answered ${status}.`);
    Object.assign(this, { status, code: body.error_code ?? "unknown", body });
  }

  /** [{field, message}] of a validation error, else []. */
  get fields() {
    return Array.isArray(this.body.errors) ? this.body.errors : [];
  }

  get alternatives() {
    return Array.isArray(this.body.alternatives) ? this.body.alternatives : [];
  }
}

export class Api extends EventTarget {
  #renewing = null;

  // sessionStorage: a stand that is closed is logged out, and no other tab inherits the role.
  get token() {
    return sessionStorage.getItem(KEY);
  }

  set token(token) {
    if (token) sessionStorage.setItem(KEY, token);
    else sessionStorage.removeItem(KEY);
  }

  async call(method, path, body) {
    const used = this.token;
    try {
      return await this.#send(method, path, body);
    } catch (problem) {
      if (!used || problem.status !== 401 || !REFUSED_TOKENS.has(problem.code)) throw problem;
      if (await this.renew()) return await this.#send(method, path, body);
      this.dispatchEvent(new Event("over"));
      throw problem;
    }
  }

  async #send(method, path, body) {
    const headers = { accept: "application/json" };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const signal = AbortSignal.timeout(PATIENCE_MS);
    let answer;
    let text;
    try {
      answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store", signal });
      text = await answer.text();
    } catch {
      throw new Problem(0, { title: "The hub can't be reached at the moment.", error_code: "unreachable" });
    }
    let read = {};
    try {
      if (text) read = JSON.parse(text);
    } catch {
      // A proxy's own error page: its status says all that can be said.
    }
    if (!answer.ok) throw new Problem(answer.status, read ?? {});
    return read;
  }

  async #enter(path, body) {
    this.token = null;
    const { access_token: token } = await this.#send("POST", path, body);
    this.token = token;
  }

  logIn = (body) => this.#enter("/auth/login", body);
  register = (body) => this.#enter("/auth/register", body);
  me = () => this.call("GET", "/auth/me");

  async logOut() {
    try {
      await this.#send("POST", "/auth/logout");
    } catch {
      // Already over or not reachable: for this device the session ends all the same.
    }
    this.token = null;
  }

  /** A new token of the same session, or null when it is over; throws when the hub couldn't be asked. */
  renew() {
    // The live channel and a REST call may meet the end of a token at the same moment: one renewal serves both.
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  async #renew() {
    try {
      const { access_token: token } = await this.#send("POST", "/auth/refresh");
      this.token = token;
      this.dispatchEvent(new CustomEvent("renewed", { detail: token }));
      return token;
    } catch (problem) {
      if (problem.status === 401) return null;
      throw problem;
    }
  }
}
