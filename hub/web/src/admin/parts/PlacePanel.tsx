// The table that is chosen on the plan: its shape, size and turn, off the plan, and the way back of the last move.
import { useId } from "preact/hooks";
import { Act } from "../../lib/page/Act.tsx";
import { isOld } from "../../lib/page/state.ts";
import { isolate } from "../../lib/ui/text.ts";
import { LEAST, PLAN, sized, turned } from "../model/place.ts";
import { type Place, type Table, tableName } from "../store/floor.ts";
import { placeOf, put, save, takeBack, undo } from "../store/plan.ts";
import { words } from "../store/words.ts";

export function PlacePanel({ table }: { table: Table | null }) {
  const w = words.value;
  const place = table && placeOf(table);
  return (
    <div class="place-panel">
      {table && place && <Shape table={table} place={place} />}
      {undo.value && (
        <Act
          off={isOld.value}
          aria-label={w.undoLabel(isolate(tableName(undo.value.id)))}
          onClick={() => void takeBack()}
        >
          {w.undo}
        </Act>
      )}
    </div>
  );
}

function Shape({ table, place }: { table: Table; place: Place }) {
  const w = words.value;
  const id = useId();
  const set = (wanted: Place | null) => {
    if (isOld.value) return;
    put(table, wanted);
    void save(table.id);
  };
  const size = (value: string, make: (length: number) => Place) => {
    const length = Number(value);
    if (Number.isFinite(length) && length > 0) set(make(length * 10));
  };
  return (
    <fieldset class="shape">
      <legend>{w.chosen(isolate(table.name))}</legend>
      <div class="field">
        <label for={`${id}s`}>{w.shape}</label>
        <select
          id={`${id}s`}
          name="shape"
          value={place.shape}
          onChange={({ currentTarget }) => set({ ...place, shape: currentTarget.value as Place["shape"] })}
        >
          <option value="rect">{w.rect}</option>
          <option value="round">{w.round}</option>
        </select>
      </div>
      <div class="field">
        <label for={`${id}w`}>{w.width} %</label>
        <input
          id={`${id}w`}
          name="width"
          type="number"
          min={LEAST / 10}
          max={PLAN / 10}
          value={Math.round(place.width / 10)}
          onChange={({ currentTarget }) => size(currentTarget.value, (width) => sized(place, width, place.height))}
        />
      </div>
      <div class="field">
        <label for={`${id}h`}>{w.height} %</label>
        <input
          id={`${id}h`}
          name="height"
          type="number"
          min={LEAST / 10}
          max={PLAN / 10}
          value={Math.round(place.height / 10)}
          onChange={({ currentTarget }) => size(currentTarget.value, (height) => sized(place, place.width, height))}
        />
      </div>
      <Act off={isOld.value} onClick={() => set(turned(place))}>
        {w.turn}
      </Act>
      <Act off={isOld.value} onClick={() => set(null)}>
        {w.takeOff}
      </Act>
    </fieldset>
  );
}
