// The parts of the room, in the order in which they are shown: add one, rename it, move it in the order, remove it.
import { useId, useRef } from "preact/hooks";
import { Act, CarefulAct } from "../../lib/page/Act.tsx";
import { useAttempt } from "../../lib/page/attempt.ts";
import { isOld } from "../../lib/page/state.ts";
import { isolate } from "../../lib/ui/text.ts";
import { type Area, add, areas, change, remove } from "../store/floor.ts";
import { say } from "../store/said.ts";
import { words } from "../store/words.ts";
import { useDraft } from "./draft.ts";
import { FloorTrouble } from "./FloorTrouble.tsx";
import { NameInput, NumberInput } from "./inputs.tsx";

export function Areas() {
  const w = words.value;
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <section id="areas" class="card aging" aria-labelledby="areas-title">
      <h2 id="areas-title" ref={heading} tabIndex={-1}>
        {w.areas}
      </h2>
      {areas.value.length === 0 && <p>{w.noAreas}</p>}
      <ul class="lines">
        {areas.value.map((area) => (
          <Line key={area.id} area={area} gone={() => heading.current?.focus()} />
        ))}
      </ul>
      <NewArea />
    </section>
  );
}

function Line({ area, gone }: { area: Area; gone: () => void }) {
  const w = words.value;
  const draft = useDraft(area);
  const attempt = useAttempt();
  const name = isolate(area.name);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (isOld.value || !draft.isDirty) return;
    void attempt.run(
      (key) => change("areas", area, draft.changes, key),
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
          most={40}
          set={(value) => draft.set({ name: value })}
        />
        <NumberInput
          label={w.rankLabel(name)}
          name="rank"
          value={draft.shown.rank}
          from={0}
          to={9999}
          set={(rank) => draft.set({ rank })}
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
                (key) => remove("areas", area, key),
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

function NewArea() {
  const w = words.value;
  const id = useId();
  const draft = useDraft({ name: "" });
  const attempt = useAttempt();
  const form = useRef<HTMLFormElement>(null);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (isOld.value) return;
    const rank = Math.max(0, ...areas.value.map((area) => area.rank + 1));
    void attempt.run(
      (key) => add("areas", { ...draft.shown, rank }, key),
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
        <label for={id}>{w.newArea}</label>
        <NameInput id={id} label={w.newArea} value={draft.shown.name} most={40} set={(name) => draft.set({ name })} />
      </div>
      <Act type="submit" class="primary" off={isOld.value || attempt.busy.value}>
        {w.add}
      </Act>
      <FloorTrouble attempt={attempt} />
    </form>
  );
}
