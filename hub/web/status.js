// The status line: how far what is shown can be trusted, in words.
import { setText } from "./dom.js";

const seconds = (ms) => `${Math.max(0, Math.round(ms / 1000))} s`;
const lag = (ms) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Words for one status at an instant of this device. */
export function statusText({ state, behindMs, staleSince, doubtSince, reason }, now) {
  if (state === "live") return behindMs === null ? "live" : `live · ${lag(behindMs)} behind`;
  if (state === "doubtful") return `in doubt for ${seconds(now - doubtSince)}`;
  if (state === "stale") return `stale since ${seconds(now - staleSince)}`;
  if (state === "stopped") return `stopped${reason ? ` · ${reason}` : ""} · log in again`;
  return "connecting …";
}

const SPOKEN = {
  live: "The room is live.",
  doubtful: "The room may be out of date: the hub can't prove it at the moment.",
  stale: "The room is stale: changes may be missing.",
  connecting: "Connecting.",
  stopped: "The live connection has stopped.",
};

// A change of day passes through "connecting" for a moment: only what lasts is worth a word.
const SPOKEN_AFTER_MS = 1_000;
let speaking = null;

/** `visible` counts up every second; `spoken` (aria-live) changes with the state alone, or nobody could bear it. */
export function showStatus(status, { visible, spoken }) {
  document.body.dataset.live = status.state;
  setText(visible, statusText(status, Date.now()));
  clearTimeout(speaking?.timer);
  const since = speaking?.state === status.state ? speaking.since : Date.now();
  const say = () => setText(spoken, SPOKEN[status.state] ?? "");
  speaking = { state: status.state, since, timer: setTimeout(say, Math.max(0, since + SPOKEN_AFTER_MS - Date.now())) };
}
