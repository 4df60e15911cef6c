// The stand itself: one screen of header, lists, room and last changes; and what is open over it.
import { useEffect } from "preact/hooks";
import { entry, formats, isStaff, words } from "../store/app.ts";
import { date, isClosed, live, mayWrite, shown } from "../store/days.ts";
import { card, dialog, part, view } from "../store/windows.ts";
import { AddChoice } from "./AddChoice.tsx";
import { BlockForm } from "./BlockForm.tsx";
import { Card } from "./Card.tsx";
import { Feed } from "./Feed.tsx";
import { FreeMenu } from "./FreeMenu.tsx";
import { Header } from "./Header.tsx";
import { Help } from "./Help.tsx";
import { Lists } from "./Lists.tsx";
import { PhoneForm } from "./PhoneForm.tsx";
import { Plan } from "./Plan.tsx";
import { PrintDialog, PrintSheet } from "./Print.tsx";
import { onShortcut } from "./shortcuts.ts";
import { Tabs } from "./Tabs.tsx";
import { TightForm } from "./TightForm.tsx";
import { Timeline } from "./Timeline.tsx";
import { WaitForm } from "./WaitForm.tsx";
import { WalkInForm } from "./WalkInForm.tsx";

export function Stand() {
  useEffect(() => {
    addEventListener("keydown", onShortcut);
    return () => removeEventListener("keydown", onShortcut);
  }, []);
  const w = words.value;
  const isLive = live.value.state === "live";
  const isOld = live.value.state === "stale" || live.value.state === "stopped" || entry.value === "offline";
  return (
    <>
      <div class="stand" data-old={isOld} data-live={isLive} data-part={part.value}>
        <a class="skip" href="#lists">
          {w.toList}
        </a>
        <a class="skip" href="#floor">
          {w.toFloor}
        </a>
        <Header />
        {entry.value === "offline" && <OfflineNote />}
        <main class="halves">
          <Lists />
          <div class="room" id="floor" tabIndex={-1}>
            <div class="room-head">
              <Tabs
                label={w.toFloor}
                chosen={view}
                options={[
                  ["timeline", w.views.timeline],
                  ["plan", w.views.plan],
                ]}
              />
              {isClosed.value && <p role="status">{w.closedDay}</p>}
            </div>
            {shown.value?.refused.value ? (
              <p class="problem" role="alert">
                {w.noFloor}
              </p>
            ) : view.value === "timeline" ? (
              <Timeline key={date.value} />
            ) : (
              <Plan />
            )}
          </div>
          {card.value !== null && <Card key={card.value} id={card.value} />}
        </main>
        <Feed />
        <PhoneTabs />
      </div>
      <FreeMenu />
      <OpenDialog />
      <PrintSheet />
    </>
  );
}

function OfflineNote() {
  const at = shown.value?.knownAt;
  return (
    <p class="offline-note" role="status">
      {words.value.theOffline(at ? formats.value.seconds(at) : "?")}
    </p>
  );
}

/** On a phone the two halves are two tabs, and what can be added is one button. */
function PhoneTabs() {
  const w = words.value;
  return (
    <nav class="phone-tabs" aria-label={w.title}>
      <button type="button" aria-pressed={part.value === "list"} onClick={() => (part.value = "list")}>
        {w.views.list}
      </button>
      <button type="button" aria-pressed={part.value === "floor"} onClick={() => (part.value = "floor")}>
        {w.views[view.value]}
      </button>
      {isStaff.value && (
        <button
          type="button"
          class="primary icon"
          aria-label={w.add}
          disabled={!mayWrite.value}
          onClick={() => (dialog.value = { kind: "add" })}
        >
          +
        </button>
      )}
    </nav>
  );
}

function OpenDialog() {
  const open = dialog.value;
  switch (open?.kind) {
    case "phone":
      return <PhoneForm table={open.table} start={open.start} guests={open.guests} />;
    case "walkin":
      return <WalkInForm table={open.table} />;
    case "wait":
      return <WaitForm guests={open.guests} />;
    case "block":
      return <BlockForm table={open.table} start={open.start} />;
    case "tight":
      return <TightForm open={open} />;
    case "add":
      return <AddChoice />;
    case "help":
      return <Help />;
    case "print":
      return <PrintDialog />;
    default:
      return null;
  }
}
