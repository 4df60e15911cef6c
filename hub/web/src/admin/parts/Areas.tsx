// The parts of the room, in the order in which they are shown: add one, rename it, move it in the order it.
import { useId, useRef } from "preact/hooks";
import { Act } from "../../lib/page/Act.tsx";
import { useAttempt } from "../../lib/page/attempt.ts";
import { isOld } from "../../lib/page/state.ts";
import { isolate } from "../../lib/ui/text.ts";
import { type Area, add, areas } from "../store/floor.ts";
import { say } from "../store/said.ts";
import { words } from "../store/words.ts";
import { useDraft } from "./draft.ts";
import { FloorTrouble } from "./FloorTrouble.tsx";
import { NameInput, NumberInput } from "./inputs.tsx";
import { LineForm, ListCard } from "./List.tsx";

export function Areas() {
  const w = words.value;
  return (
    <ListCard
      id="areas"
      title={w.areas}
      empty={w.noAreas}
      items={areas.value}
      line={(area, gone) => <Line key={area.id} area={area} gone={gone} />}
    >
      <NewArea />
    </ListCard>
  );
}

function Line({ area, gone }: { area: Area; gone: () => void }) {
  const w = words.value;
  const draft = useDraft(area);
  const name = isolate(area.name);
  return (
    <LineForm kind="areas" item={area} draft={draft} gone={gone} present={`${name}, ${w.rank} ${area.rank}`}>
      <NameInput
        label={w.nameLabel(name)}
        value={draft.shown.name}
        most={40}
        set={(value) => draft.set({ name: value })}
      />
      <small aria-hidden="true">{w.unitRank}</small>
      <NumberInput
        label={w.rankLabel(name)}
        name="rank"
        value={draft.shown.rank}
        from={0}
        to={9999}
        set={(rank) => draft.set({ rank })}
      />
    </LineForm>
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
