// Tables that are pushed together for a larger party: declare them, change for how many.
import { useId } from "preact/hooks";
import { Act } from "../../lib/page/Act.tsx";
import { useAttempt } from "../../lib/page/attempt.ts";
import { isOld } from "../../lib/page/state.ts";
import { isolate } from "../../lib/ui/text.ts";
import { add, areas, type Combination, combinations, tableName, tables } from "../store/floor.ts";
import { say } from "../store/said.ts";
import { words } from "../store/words.ts";
import { useDraft } from "./draft.ts";
import { FloorTrouble } from "./FloorTrouble.tsx";
import { NameInput, NumberInput } from "./inputs.tsx";
import { LineForm, ListCard } from "./List.tsx";

const MOST_GUESTS = 60;
const NEW = { name: "", table_ids: [] as number[], min_guests: 3, max_guests: 4 };

export function Combinations() {
  const w = words.value;
  return (
    <ListCard
      id="combinations"
      title={w.combinations}
      empty={w.noCombinations}
      items={combinations.value}
      line={(each, gone) => <Line key={each.id} combination={each} gone={gone} />}
    >
      <NewCombination />
    </ListCard>
  );
}

function Line({ combination, gone }: { combination: Combination; gone: () => void }) {
  const w = words.value;
  const draft = useDraft(combination);
  const name = isolate(combination.name);
  const made = combination.table_ids.map(tableName);
  const present = `${name}, ${w.guestsRange(combination.min_guests, combination.max_guests)}`;
  return (
    <LineForm kind="combinations" item={combination} draft={draft} gone={gone} present={present}>
      <span class="what">
        <b>
          <bdi>{combination.name}</bdi>
        </b>
        {made.join(" + ") !== combination.name && <small>{made.map(isolate).join(" + ")}</small>}
      </span>
      <NumberInput
        label={w.leastLabel(name)}
        name="min_guests"
        value={draft.shown.min_guests}
        from={1}
        to={MOST_GUESTS}
        set={(value) => draft.set({ min_guests: value })}
      />
      <small aria-hidden="true">–</small>
      <NumberInput
        label={w.mostLabel(name)}
        name="max_guests"
        value={draft.shown.max_guests}
        from={1}
        to={MOST_GUESTS}
        set={(value) => draft.set({ max_guests: value })}
      />
      <small aria-hidden="true">{w.unitGuests}</small>
    </LineForm>
  );
}

function NewCombination() {
  const w = words.value;
  const id = useId();
  const draft = useDraft(NEW);
  const attempt = useAttempt();
  const { table_ids: chosen } = draft.shown;

  function toggle(table: number): void {
    const ids = chosen.includes(table) ? chosen.filter((each) => each !== table) : [...chosen, table];
    const seats = tables.value.filter((each) => ids.includes(each.id)).map((each) => each.seats);
    const largest = Math.max(1, ...seats);
    const all = seats.reduce((sum, each) => sum + each, 0);
    // Offered: from one more than the largest takes alone, to all of their seats.
    draft.set({ table_ids: ids, ...(ids.length > 1 && { min_guests: Math.min(largest + 1, all), max_guests: all }) });
    attempt.clear();
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (isOld.value) return;
    const body = { ...draft.shown, name: draft.shown.name.trim() || null };
    void attempt.run(
      (key) => add("combinations", body, key),
      (made) => {
        draft.clear();
        say(w.added(isolate(made.name)));
      },
    );
  }

  const groups = [...areas.value, { id: null, name: w.noArea }]
    .map((area) => ({ ...area, tables: tables.value.filter((table) => table.area_id === area.id) }))
    .filter((group) => group.tables.length > 0);
  return (
    <form class="form new" onSubmit={submit}>
      {groups.map((group) => (
        <fieldset key={group.id ?? 0}>
          <legend>
            {w.joinTables}: <bdi>{group.name}</bdi>
          </legend>
          <div class="chips">
            {group.tables.map((table) => (
              <label key={table.id} class="tick">
                <input
                  type="checkbox"
                  name="table"
                  checked={chosen.includes(table.id)}
                  onChange={() => toggle(table.id)}
                />
                <bdi>{table.name}</bdi> <small>{table.seats}</small>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
      <div class="fields">
        <div class="field">
          <label for={`${id}l`}>{w.least}</label>
          <NumberInput
            id={`${id}l`}
            label={w.least}
            name="min_guests"
            value={draft.shown.min_guests}
            from={1}
            to={MOST_GUESTS}
            set={(value) => draft.set({ min_guests: value })}
          />
        </div>
        <div class="field">
          <label for={`${id}m`}>{w.most}</label>
          <NumberInput
            id={`${id}m`}
            label={w.most}
            name="max_guests"
            value={draft.shown.max_guests}
            from={1}
            to={MOST_GUESTS}
            set={(value) => draft.set({ max_guests: value })}
          />
        </div>
        <div class="field">
          <label for={`${id}n`}>{w.joinName}</label>
          <NameInput
            id={`${id}n`}
            label={w.joinName}
            value={draft.shown.name}
            most={64}
            needed={false}
            set={(name) => draft.set({ name })}
          />
        </div>
      </div>
      <FloorTrouble attempt={attempt} />
      <Act type="submit" class="primary" off={isOld.value || attempt.busy.value || chosen.length < 2}>
        {w.add}
      </Act>
    </form>
  );
}
