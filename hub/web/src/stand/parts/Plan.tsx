// The room from above: areas as tabs, tables where they stand, coloured by who has them. Where the owner has placed none,
// they stand in a grid.
import { signal, useComputed } from "@preact/signals";
import { Icon } from "../../lib/ui/Icon.tsx";
import { Name } from "../../lib/ui/Name.tsx";
import { groupsOf, snap } from "../model/bars.ts";
import { atTable } from "../model/lists.ts";
import { phaseOf } from "../model/phase.ts";
import { gridPlaces } from "../model/plan.ts";
import type { Place, Table } from "../model/types.ts";
import { formats, isStaff, now, rules, words } from "../store/app.ts";
import { floor, isLoaded, isTonight, mayWrite, room, shownShifts } from "../store/days.ts";
import { isMeant, wouldDo } from "../store/dragging.ts";
import { noteSentence } from "../store/notes.ts";
import { nameOf, shownName, sinceText } from "../store/sentences.ts";
import { freeMenu, openCard } from "../store/windows.ts";
import { DropHint, shadeOf } from "./Ghost.tsx";
import { beginPointerMove } from "./moving.ts";

const chosen = signal<number | null>(null);

export function Plan() {
  const w = words.value;
  if (!isLoaded.value) return <p class="empty">{w.loading}</p>;
  const groups = groupsOf(room.value, floor.value);
  const group = groups.find(({ id }) => id === chosen.value) ?? groups[0];
  if (!group) return <p class="empty">{w.noTables}</p>;
  const places = gridPlaces(group.tables);
  return (
    <div class="plan">
      {groups.length > 1 && (
        <fieldset class="tabs">
          <legend class="unseen">{w.views.plan}</legend>
          {groups.map(({ id, name, tables }) => (
            <button type="button" key={id ?? 0} aria-pressed={id === group.id} onClick={() => (chosen.value = id)}>
              {name ? <bdi>{name}</bdi> : w.otherTables} <small>{tables.length}</small>
            </button>
          ))}
        </fieldset>
      )}
      <ul class="plan-room">
        {group.tables.map((table) => (
          <PlanTable key={table.id} table={table} place={places.get(table.id) as Place} />
        ))}
      </ul>
      <DropHint />
    </div>
  );
}

function PlanTable({ table, place }: { table: Table; place: Place }) {
  const w = words.value;
  const at = isTonight.value ? now.value : (shownShifts.value[0]?.opens ?? now.value);
  const { present, next } = atTable(floor.value, table.id, at);
  const block = [...floor.value.blocks.values()].find(
    ({ tables, start, end }) => tables.includes(table.id) && start <= at && at < end,
  );
  const arrived = next?.status === "arrived" ? next : null;
  const late = next && phaseOf(next, at) === "late" ? next : null;
  const shown = present ?? arrived ?? late;
  const phase = block ? "block" : shown ? phaseOf(shown, at) : "free";
  const word = block
    ? [w.phase.block, block.reason].filter(Boolean).join(": ")
    : shown
      ? sinceText(shown, at) || w.phase[phaseOf(shown, at)]
      : next
        ? w.since.freeUntil(formats.value.time(next.start))
        : w.since.free;
  const isFree = !block && !shown;
  const after = next && next !== shown && !isFree ? w.since.next(formats.value.time(next.start)) : "";
  const mark = useComputed(() => {
    return isMeant(table.id) && wouldDo.value ? shadeOf(wouldDo.value) : "";
  });
  const held = present ?? next;
  const who = shown ? nameOf(shown.name) : "";
  const diet = shown ? noteSentence(shown, "dietary") : "";
  const said = [w.said.table(table.name, w.said.seats(table.seats)), who, diet, word, after].filter(Boolean).join(", ");
  return (
    <li
      class={`plan-table ${mark.value}`}
      data-table={table.id}
      data-phase={phase}
      data-shape={place.shape}
      style={{
        left: `${place.x / 10}%`,
        top: `${place.y / 10}%`,
        width: `${place.width / 10}%`,
        height: `${place.height / 10}%`,
        "--turn": `${place.turn}deg`,
      }}
    >
      <span class="plan-shape" aria-hidden="true" />
      <button
        type="button"
        onClick={(event) => {
          if (shown) openCard(shown.id);
          else if (isStaff.value) {
            const start = isTonight.value ? snap(now.value, rules.value.step) : at;
            freeMenu.value = { table: table.id, start, x: event.clientX, y: event.clientY };
          }
        }}
        onPointerDown={(event) => {
          if (held && mayWrite.value) beginPointerMove(event, held, null);
        }}
      >
        <span class="unseen">{said}</span>
        <b aria-hidden="true">
          <bdi>{table.name}</bdi> <small>{table.seats}</small>
          {diet && (
            <span class="mark" title={diet}>
              {" "}
              <Icon name="nut" />
            </span>
          )}
        </b>
        {who && (
          <span class="plan-who" aria-hidden="true">
            <Name text={shown ? shownName(shown.name) : ""} /> {shown?.guests}
          </span>
        )}
        <span aria-hidden="true">{word}</span>
        {after && <small aria-hidden="true">{after}</small>}
      </button>
    </li>
  );
}
