// The head of the stand: the day, the clock, how far it can be trusted, search, who is logged in; and the numbers.

import { isDate } from "../../lib/time/zone.ts";
import { LiveState } from "../../lib/ui/LiveState.tsx";
import { Name } from "../../lib/ui/Name.tsx";
import { countsOf, type Counts as DayCounts } from "../model/lists.ts";
import { account, formats, isStaff, now, venue, words } from "../store/app.ts";
import {
  date,
  floor,
  goTo,
  isLoaded,
  isTonight,
  live,
  mayWrite,
  serviceDay,
  shown,
  shownShifts,
  step,
} from "../store/days.ts";
import { people } from "../store/presence.ts";
import { dialog, list } from "../store/windows.ts";
import { Search } from "./Search.tsx";
import { UserMenu } from "./UserMenu.tsx";

export function Header() {
  const w = words.value;
  return (
    <header class="head">
      <div class="head-line">
        <h1 class="venue">
          <Name text={venue.value?.name ?? ""} />
        </h1>
        <DayChoice />
        <Clock />
        <LiveState status={live.value} words={w.live} seconds={secondsOfDevice} />
        <Search />
        <Others />
        <UserMenu name={account.value?.full_name ?? ""} />
      </div>
      <div class="head-line">
        <Counts />
        {isStaff.value && <Adders />}
      </div>
    </header>
  );
}

/** A moment of the device's clock, as the venue's clock had it. */
const secondsOfDevice = (at: number): string => formats.value.seconds(at + now.value - Date.now());

function DayChoice() {
  const w = words.value;
  const names = [...new Set(shownShifts.value.map(({ name }) => w.shiftNames[name] ?? name))].join(", ");
  return (
    <nav class="day" aria-label={w.chooseDay}>
      <button type="button" class="icon" aria-label={w.dayBefore} onClick={() => step(-1)}>
        ‹
      </button>
      <label class="day-shown">
        <span class="unseen">{w.chooseDay}</span>
        <span aria-hidden="true">
          {date.value && formats.value.day(date.value)}
          {names && <small> · {names}</small>}
        </span>
        <input
          type="date"
          value={date.value}
          required
          onChange={({ currentTarget }) => isDate(currentTarget.value) && goTo(currentTarget.value)}
        />
      </label>
      <button type="button" class="icon" aria-label={w.dayAfter} onClick={() => step(1)}>
        ›
      </button>
      <button type="button" aria-pressed={isTonight.value} onClick={() => goTo(serviceDay.value)}>
        {w.tonight}
      </button>
    </nav>
  );
}

function Clock() {
  const text = formats.value.time(now.value);
  return (
    <p class="clock">
      <span aria-hidden="true">{text}</span>
      <span class="unseen">{words.value.said.now(text)}</span>
    </p>
  );
}

function Others() {
  const here = people.value;
  if (here.length === 0) return null;
  const names = here.map(({ name }) => name).join(", ");
  return (
    <ul class="others" aria-label={words.value.people(names)} title={words.value.people(names)}>
      {here.slice(0, 4).map(({ session, name }) => (
        <li key={session} aria-hidden="true">
          {[...name][0]}
        </li>
      ))}
    </ul>
  );
}

function Counts() {
  if (!isLoaded.value) return <p class="counts">&nbsp;</p>;
  const found = countsOf(floor.value, now.value);
  // With the position that all of the page shows: what it shows can be compared with what the hub says of that one.
  return (
    <p class="counts" data-position={shown.value?.position}>
      <Count what="covers" of={found} />
      <Count what="seated" of={found} />
      <Count what="toCome" of={found} />
      <Count what="late" of={found} />
      <Count what="waiting" of={found} />
    </p>
  );
}

/** A number, and whom it counts: guests, or parties. */
function Count({ what, of }: { what: keyof DayCounts; of: DayCounts }) {
  const { counts, counted } = words.value;
  const isLate = what === "late" && of.late > 0;
  return (
    <span class={isLate ? "is-late" : ""} title={counted[what]}>
      {isLate && <span aria-hidden="true">! </span>}
      {counts[what](of[what])}
      <span class="unseen">: {counted[what]}.</span>
    </span>
  );
}

function Adders() {
  const w = words.value;
  const isOff = !mayWrite.value;
  return (
    <div class="adders">
      <button type="button" disabled={isOff} onClick={() => (dialog.value = { kind: "phone" })}>
        <span aria-hidden="true">+ </span>
        {w.addPhone}
      </button>
      <button type="button" disabled={isOff} onClick={() => (dialog.value = { kind: "walkin" })}>
        <span aria-hidden="true">+ </span>
        {w.addWalkIn}
      </button>
      <button
        type="button"
        disabled={isOff}
        onClick={() => {
          list.value = "wait";
          dialog.value = { kind: "wait" };
        }}
      >
        <span aria-hidden="true">+ </span>
        {w.addWait}
      </button>
    </div>
  );
}
