// What the live client takes and tells.
import type { Reading } from "../time/clock.ts";
import type { Changed, View } from "./view.ts";

export type Renew = () => Promise<string | null>;

/** The hub's frame "error", as far as it is read here. */
export interface Refusal {
  code: string;
  message?: string;
  channel?: string;
  id?: unknown;
  retryable?: boolean;
  retry_after_ms?: number | null;
}

export interface ChannelEvent extends View {
  channel: string;
  changed: Changed;
  kind: "held" | "refused" | "snapshot" | "update" | "subscribed" | "resync";
  at?: string | undefined;
  error?: Refusal;
}
export type Watcher = (event: ChannelEvent) => void;

export interface LiveStatus {
  state: "live" | "stale" | "connecting" | "stopped";
  ageMs: number | null;
  staleSince: number | null;
  /** The line is gone: the hub has not been reached since, though it was tried. */
  isGone?: boolean;
  code?: number;
  reason?: string;
}

/** The hub's frame "connected", as far as it is read here. */
export interface Connected {
  session: string;
  roles?: Record<string, string>;
  server_time?: string;
  venue?: { slug: string; name: string; zone: string; service_day: string; day_ends_at: string };
  limits?: { stale_after_ms?: number | null; silence_ms?: number | null; ping_every_ms?: number | null };
}

/** One channel, as the client keeps it. */
export interface Entry {
  view: View;
  callbacks: Set<Watcher>;
  askedBy: number | null;
  again: number | null;
  tries: number;
  refused: Refusal | null;
  /** When it last held all that was promised to it. */
  settledAt: Reading;
}

/** Whom it tells what. */
export interface Events {
  status: (status: LiveStatus) => void;
  connected: (frame: Connected) => void;
  roles: (roles: Record<string, string>) => void;
}
