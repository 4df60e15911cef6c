// The last changes from before the page was opened: what is another than it was a while ago, and the last act of each.
import { effect, untracked } from "@preact/signals";
import { Problem } from "../../lib/api/problem.ts";
import type { WireAct, WireFloor } from "../../lib/api/wire.ts";
import { type Change, changeOfAct, changesBetween, settled } from "../model/changes.ts";
import { readFloor } from "../model/read.ts";
import { api, isStaff, now } from "./app.ts";
import { addEarlier, type Found, historyOf, nameOfActor } from "./changes.ts";
import { type Day, live, shown } from "./days.ts";

/** How many versions of the day it looks back, */
const VERSIONS = 16;
/** and how long: a line says the time of day alone. */
const LONG_MS = 3 * 3_600_000;

/** Tells them of each day once, when it is first looked at. Gives what ends it. */
export function startEarlier(): () => void {
  const asked = new Set<string>();
  let isOver = false;
  const leave = effect(() => {
    const day = shown.value;
    if (!day?.wire.value || live.value.state !== "live" || !isStaff.value || asked.has(day.date)) return;
    asked.add(day.date);
    void untracked(() => found(day)).then((all) => isOver || addEarlier(all, day.date));
  });
  return () => {
    isOver = true;
    leave();
  };
}

async function found(day: Day): Promise<Found[]> {
  const [epoch, version] = day.position.split(":");
  const from = Math.max(0, Number(version) - VERSIONS);
  const after = day.floor.value;
  try {
    const before = readFloor(await api.get<WireFloor>(`/days/${day.date}/floor?version=${epoch}:${from}`));
    const all = await Promise.all(changesBetween(before, after).map((each) => lastAct(each, day.date)));
    return all.filter((each) => each !== null).filter(({ at }) => at > now.value - LONG_MS);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return []; // they are not kept so long, or the hub has no time: then the line begins with the next change
  }
}

async function lastAct(change: Change, day: string): Promise<Found | null> {
  const history = await historyOf(change);
  const gone = change.kind === "gone" ? settled(change, history, day) : null; // its last act may be of another day
  const act = gone ? gone.act : (history.at(-1) as WireAct | undefined);
  const what = gone?.change ?? (act && change.booking ? changeOfAct(change.booking, act, day) : change);
  return act && what ? { ...what, at: Date.parse(act.at), by: nameOfActor(act.actor) } : null;
}
