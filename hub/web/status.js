// The status line: how far what is shown can be trusted, in words.
import { setText } from "./dom.js";

// The device's own clock and zone: it is the clock on the wall beside it.
const wallClock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Words for one status. */
export function statusText({ state, staleSince, reason }) {
  if (state === "live") return "live";
  if (state === "stale") return `stale since ${wallClock(staleSince)}`;
  if (state === "stopped") return `stopped${reason ? ` · ${reason}` : ""} · log in again`;
  return "connecting …";
}

const SPOKEN = {
  live: "The room is live.",
  stale: "The room is stale: changes may be missing.",
  connecting: "Connecting.",
  stopped: "The live connection has stopped.",
};

// A change of day passes through "connecting" for a moment: only what lasts is worth a word.
const SPOKEN_AFTER_MS = 1_000;
let speaking = null;

/** `visible` says the state; `spoken` (aria-live) says it in a sentence, and only when it has lasted. */
export function showStatus(status, { visible, spoken }) {
  document.body.dataset.live = status.state;
  setText(visible, statusText(status));
  clearTimeout(speaking?.timer);
  const since = speaking?.state === status.state ? speaking.since : Date.now();
  const say = () => setText(spoken, SPOKEN[status.state] ?? "");
  speaking = { state: status.state, since, timer: setTimeout(say, Math.max(0, since + SPOKEN_AFTER_MS - Date.now())) };
}
