// One socket at a time, and who may still speak: what an earlier socket has to say is not heard.

const OPEN = 1;

/** What a line tells of its socket. */
export interface Hears {
  open: () => void;
  message: (text: string) => void;
  close: (code: number, reason: string) => void;
}

export class Line {
  readonly #url: string;
  readonly #protocol: string;
  readonly #Socket: typeof WebSocket;
  #socket: WebSocket | null = null;
  #generation = 0; // counts sockets and stops

  constructor(url: string, protocol: string, Socket: typeof WebSocket) {
    this.#url = url;
    this.#protocol = protocol;
    this.#Socket = Socket;
  }

  get isThere(): boolean {
    return this.#socket !== null;
  }

  open(hears: Hears): void {
    const isCurrent = this.begin();
    const socket = new this.#Socket(this.#url, this.#protocol);
    this.#socket = socket;
    socket.addEventListener("open", () => isCurrent() && hears.open());
    socket.addEventListener("message", ({ data }) => isCurrent() && hears.message(data));
    socket.addEventListener("close", ({ code, reason }) => isCurrent() && hears.close(code, reason));
  }

  /** Something begins that the next socket or stop ends: tells whether it still goes on. */
  begin(): () => boolean {
    const generation = ++this.#generation;
    return () => generation === this.#generation;
  }

  /** The same of what goes on already. */
  goesOn(): () => boolean {
    const generation = this.#generation;
    return () => generation === this.#generation;
  }

  send(frame: Record<string, unknown>): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(frame));
  }

  drop(): void {
    this.#generation++;
    // close() waits for the peer's answer, which a dead line never gives: so its events are no longer ours.
    this.#socket?.close(1000);
  }

  forget(): void {
    this.#socket = null;
  }
}
