// The plan of an area: tables where they stand. They are dragged, or moved by arrow keys, and saved at once.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { isOld } from "../../lib/page/state.ts";
import { followDrag } from "../../lib/ui/drag.ts";
import { isolate } from "../../lib/ui/text.ts";
import { firstPlace, moved, PLAN, stepped } from "../model/place.ts";
import { areas, type Place, type Table, tables } from "../store/floor.ts";
import { chosen, placeOf, put, putBack, save, saveSoon, trouble } from "../store/plan.ts";
import { words } from "../store/words.ts";
import { FloorTrouble } from "./FloorTrouble.tsx";
import { PlacePanel } from "./PlacePanel.tsx";

const REST_MS = 500;

export function PlanCard() {
  const w = words.value;
  const area = useSignal<number | null | undefined>(undefined);
  const groups = [...areas.value, { id: null, name: w.noArea }]
    .map(({ id, name }) => ({ id, name, tables: tables.value.filter((table) => table.area_id === id) }))
    .filter((group) => group.id !== null || group.tables.length > 0);
  const group = groups.find(({ id }) => id === area.value) ?? groups[0];
  if (!group) return null;
  const placed = group.tables.filter((table) => placeOf(table) !== null);
  const unplaced = group.tables.filter((table) => placeOf(table) === null);
  const held = group.tables.find(({ id }) => id === chosen.value);
  return (
    <section id="plan" class="card aging" aria-labelledby="plan-title">
      <h2 id="plan-title">{w.plan}</h2>
      {groups.length > 1 && (
        <div class="chips">
          {groups.map(({ id, name }) => (
            <button
              type="button"
              key={id ?? 0}
              aria-pressed={id === group.id}
              onClick={() => {
                area.value = id;
                chosen.value = null;
              }}
            >
              <bdi>{name}</bdi>
            </button>
          ))}
        </div>
      )}
      <p id="plan-help">{w.planHelp}</p>
      {placed.length === 0 && <p>{w.emptyPlan}</p>}
      <Canvas name={group.name} tables={placed} />
      <FloorTrouble attempt={{ trouble }} />
      <PlacePanel table={held ?? null} />
      {unplaced.length > 0 && (
        <div>
          <h3>{w.unplaced}</h3>
          <div class="chips">
            {unplaced.map((table) => (
              <button
                type="button"
                key={table.id}
                data-put={table.id}
                aria-disabled={isOld.value ? "true" : undefined}
                onClick={() => {
                  if (isOld.value) return;
                  const others = placed.map(placeOf).filter((place): place is Place => place !== null);
                  put(table, firstPlace(table.seats, others));
                  chosen.value = table.id;
                  void save(table.id);
                }}
              >
                <bdi>{table.name}</bdi> <small>{table.seats}</small>
                <span class="unseen">{w.place}</span>
              </button>
            ))}
          </div>
        </div>
      )}
    </section>
  );
}

function Canvas({ name, tables: placed }: { name: string; tables: Table[] }) {
  const canvas = useRef<HTMLUListElement>(null);
  const scroller = useRef<HTMLElement>(null);

  function drag(event: PointerEvent, table: Table): void {
    const from = placeOf(table);
    const box = canvas.current?.getBoundingClientRect();
    if (!from || !box || isOld.value) return;
    const grip = { x: event.clientX - box.left, y: event.clientY - box.top };
    followDrag(
      event,
      {
        begin: () => {
          chosen.value = table.id;
          return true;
        },
        move: (x, y) => {
          // The plan may have been scrolled meanwhile.
          const now = canvas.current?.getBoundingClientRect() ?? box;
          const dx = ((x - now.left - grip.x) / now.width) * PLAN;
          const dy = ((y - now.top - grip.y) / now.height) * PLAN;
          put(table, moved(from, from.x + dx, from.y + dy));
        },
        drop: () => void save(table.id),
        leave: () => putBack(table.id),
      },
      scroller.current,
    );
  }

  function key(event: KeyboardEvent, table: Table): void {
    const from = placeOf(table);
    const place = from && stepped(from, event.key, event.shiftKey);
    if (!place) return;
    event.preventDefault();
    if (isOld.value) return;
    chosen.value = table.id;
    put(table, place);
    saveSoon(table.id, REST_MS);
  }

  return (
    <section ref={scroller} class="plan-scroll" aria-label={words.value.planOf(isolate(name))}>
      <ul ref={canvas} class="plan-canvas">
        {placed.map((table) => (
          <OnPlan
            key={table.id}
            table={table}
            place={placeOf(table) as Place}
            down={(event) => drag(event, table)}
            press={(event) => key(event, table)}
          />
        ))}
      </ul>
    </section>
  );
}

interface OnPlanProps {
  table: Table;
  place: Place;
  down: (event: PointerEvent) => void;
  press: (event: KeyboardEvent) => void;
}

function OnPlan({ table, place, down, press }: OnPlanProps) {
  const w = words.value;
  const label = w.onPlan(isolate(table.name), table.seats, Math.round(place.x / 10), Math.round(place.y / 10));
  return (
    <li
      class="plan-table"
      style={{
        left: `${place.x / 10}%`,
        top: `${place.y / 10}%`,
        width: `${place.width / 10}%`,
        height: `${place.height / 10}%`,
      }}
    >
      <span
        class={`plan-shape ${place.shape}`}
        data-chosen={chosen.value === table.id}
        style={{ transform: `rotate(${place.turn}deg)` }}
      />
      <button
        type="button"
        data-table={table.id}
        aria-label={label}
        aria-pressed={chosen.value === table.id}
        aria-describedby="plan-help"
        onClick={() => {
          chosen.value = table.id;
        }}
        onPointerDown={down}
        onKeyDown={press}
        onBlur={() => void save(table.id)}
      >
        <bdi>{table.name}</bdi> <small>{table.seats}</small>
      </button>
    </li>
  );
}
