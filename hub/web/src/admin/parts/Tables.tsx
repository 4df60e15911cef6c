// The tables that can be booked: add one, rename it, change its seats or its area, remove it.
import { useId, useRef } from "preact/hooks";
import { Act, CarefulAct } from "../../lib/page/Act.tsx";
import { useAttempt } from "../../lib/page/attempt.ts";
import { isOld } from "../../lib/page/state.ts";
import { isolate } from "../../lib/ui/text.ts";
import { add, change, remove, type Table, tables } from "../store/floor.ts";
import { say } from "../store/said.ts";
import { words } from "../store/words.ts";
import { useDraft } from "./draft.ts";
import { FloorTrouble } from "./FloorTrouble.tsx";
import { AreaInput, NameInput, NumberInput } from "./inputs.tsx";

const NEW = { name: "", seats: 2, area_id: null as number | null };

export function Tables() {
  const w = words.value;
  const seats = tables.value.reduce((sum, table) => sum + table.seats, 0);
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <section id="tables" class="card aging" aria-labelledby="tables-title">
      <h2 id="tables-title" ref={heading} tabIndex={-1}>
        {w.tables} <small>{w.summary(tables.value.length, seats)}</small>
      </h2>
      {tables.value.length === 0 && <p>{w.noTables}</p>}
      <ul class="lines">
        {tables.value.map((table) => (
          <Line key={table.id} table={table} gone={() => heading.current?.focus()} />
        ))}
      </ul>
      <NewTable />
    </section>
  );
}

function Line({ table, gone }: { table: Table; gone: () => void }) {
  const w = words.value;
  const draft = useDraft(table);
  const attempt = useAttempt();
  const name = isolate(table.name);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (isOld.value || !draft.isDirty) return;
    void attempt.run(
      (key) => change("tables", table, draft.changes, key),
      (made) => {
        draft.clear();
        say(w.saved(isolate(made.name)));
      },
    );
  }

  return (
    <li>
      <form class="line" onSubmit={submit}>
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
        <AreaInput
          label={w.areaLabel(name)}
          value={draft.shown.area_id}
          set={(value) => draft.set({ area_id: value })}
        />
        <span class="acts">
          <Act type="submit" aria-label={w.saveLabel(name)} off={!draft.isDirty || isOld.value || attempt.busy.value}>
            {w.save}
          </Act>
          <CarefulAct
            question={w.reallyRemove}
            label={w.removeLabel(name)}
            off={isOld.value || attempt.busy.value}
            act={() =>
              void attempt.run(
                (key) => remove("tables", table, key),
                () => {
                  say(w.removed(name));
                  gone();
                },
              )
            }
          >
            {w.remove}
          </CarefulAct>
        </span>
      </form>
      <FloorTrouble attempt={attempt} />
    </li>
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
