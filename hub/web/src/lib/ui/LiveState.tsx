// How old what is shown may be, in words that count up by themselves. Never green over what is not known to be current.
import type { LiveStatus } from "../live/client.ts";
import type { Words } from "../words/en.ts";

interface Props {
  status: LiveStatus;
  words: Words["live"];
  seconds: (at: number) => string;
}

export type Shade = "live" | "stale" | "offline" | "connecting";

/** offline: the line itself is gone, or it was never there. */
export function shadeOf(status: LiveStatus, isOnline: boolean): Shade {
  if (status.state === "live") return "live";
  if (!isOnline || status.isGone || status.state === "stopped") return "offline";
  return status.state;
}

export function liveText(status: LiveStatus, isOnline: boolean, { words, seconds }: Omit<Props, "status">): string {
  const since = status.staleSince === null ? null : seconds(status.staleSince);
  switch (shadeOf(status, isOnline)) {
    case "live":
      return words.live(Math.floor((status.ageMs ?? 0) / 1000));
    case "stale":
      return words.stale(since ?? "");
    case "offline":
      if (status.state === "stopped") return words.stopped;
      return since === null ? words.offlineAtAll : words.offline(since);
    default:
      return words.connecting;
  }
}

export function LiveState({ status, words, seconds }: Props) {
  const shade = shadeOf(status, navigator.onLine);
  return (
    <p class="live-state" data-shade={shade}>
      <span class="live-mark" aria-hidden="true" />
      {liveText(status, navigator.onLine, { words, seconds })}
    </p>
  );
}
