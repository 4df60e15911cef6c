// The tables that can be booked: add one, rename it, change its seats or its area it.
import { useId, useRef } from "preact/hooks";
import { Act } from "../../lib/page/Act.tsx";
import { useAttempt } from "../../lib/page/attempt.ts";
import { isOld } from "../../lib/page/state.ts";
import { isolate } from "../../lib/ui/text.ts";
import { add, areas, type Table, tables } from "../store/floor.ts";
import { say } from "../store/said.ts";
import { words } from "../store/words.ts";
import { useDraft } from "./draft.ts";
import { FloorTrouble } from "./FloorTrouble.tsx";
import { AreaInput, NameInput, NumberInput } from "./inputs.tsx";
import { LineForm, ListCard } from "./List.tsx";

const NEW = { name: "", seats: 2, area_id: null as number | null };

export function Tables() {
  const w = words.value;
  const seats = tables.value.reduce((sum, table) => sum + table.seats, 0);
  return (
    <ListCard
      id="tables"
      title={
        <>
          {w.tables} <small>{w.summary(tables.value.length, seats)}</small>
        </>
      }
      empty={w.noTables}
      items={tables.value}
      line={(table, gone) => <Line key={table.id} table={table} gone={gone} />}
    >
      <NewTable />
    </ListCard>
  );
}

function Line({ table, gone }: { table: Table; gone: () => void }) {
  const w = words.value;
  const draft = useDraft(table);
  const name = isolate(table.name);
  const area = areas.value.find(({ id }) => id === table.area_id);
  const present = [name, w.seatsOf(table.seats), area ? isolate(area.name) : w.noArea].join(", ");
  return (
    <LineForm kind="tables" item={table} draft={draft} gone={gone} present={present}>
      <NameInput
        label={w.nameLabel(name)}
        value={draft.shown.name}
        most={64}
        set={(value) => draft.set({ name: value })}
      />
      <NumberInput
        label={w.seatsLabel(name)}
        name="seats"
        value={draft.shown.seats}
        from={1}
        to={20}
        set={(value) => draft.set({ seats: value })}
      />
      <small aria-hidden="true">{w.unitSeats}</small>
      <AreaInput label={w.areaLabel(name)} value={draft.shown.area_id} set={(value) => draft.set({ area_id: value })} />
    </LineForm>
  );
}

function NewTable() {
  const w = words.value;
  const id = useId();
  const draft = useDraft(NEW);
  const attempt = useAttempt();
  const form = useRef<HTMLFormElement>(null);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (isOld.value) return;
    void attempt.run(
      (key) => add("tables", draft.shown, key),
      (made) => {
        draft.clear();
        say(w.added(isolate(made.name)));
        form.current?.querySelector("input")?.focus();
      },
    );
  }

  return (
    <form ref={form} class="line new" onSubmit={submit}>
      <div class="field">
        <label for={`${id}n`}>{w.newTable}</label>
        <NameInput
          id={`${id}n`}
          label={w.newTable}
          value={draft.shown.name}
          most={64}
          set={(name) => draft.set({ name })}
        />
      </div>
      <div class="field">
        <label for={`${id}s`}>{w.seats}</label>
        <NumberInput
          id={`${id}s`}
          label={w.seats}
          name="seats"
          value={draft.shown.seats}
          from={1}
          to={20}
          set={(seats) => draft.set({ seats })}
        />
      </div>
      <div class="field">
        <label for={`${id}a`}>{w.area}</label>
        <AreaInput id={`${id}a`} label={w.area} value={draft.shown.area_id} set={(area_id) => draft.set({ area_id })} />
      </div>
      <Act type="submit" class="primary" off={isOld.value || attempt.busy.value}>
        {w.add}
      </Act>
      <FloorTrouble attempt={attempt} />
    </form>
  );
}
