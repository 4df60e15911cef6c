// A link of a mail, traded for a token that is good for one booking for half an hour; and anew when that has ended.
import type { components } from "../generated/rest.ts";
import { Api } from "../lib/api/client.ts";

export type Opened = components["schemas"]["ManageToken"];

export class ManageLink {
  readonly #token: string;
  readonly #asker: Api;
  readonly api: Api;
  #access: string | null = null;

  constructor(token: string, options: ConstructorParameters<typeof Api>[0] = {}) {
    this.#token = token;
    const nothing = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
    this.#asker = new Api({ ...options, store: nothing });
    const store = {
      getItem: () => this.#access,
      setItem: (_: string, value: string) => {
        this.#access = value;
      },
      removeItem: () => {
        this.#access = null;
      },
    };
    this.api = new Api({ ...options, store, renewal: async () => (await this.open()).access_token });
  }

  async open(): Promise<Opened> {
    const opened = await this.#asker.once<Opened>("POST", "/manage", { token: this.#token });
    this.#access = opened.access_token;
    return opened;
  }
}
