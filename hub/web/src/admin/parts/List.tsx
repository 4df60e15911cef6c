// A list of the floor: its card with a heading, and a line as a form with Save, Remove and what was refused.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Act, CarefulAct } from "../../lib/page/Act.tsx";
import { useAttempt } from "../../lib/page/attempt.ts";
import { isOld } from "../../lib/page/state.ts";
import { isolate } from "../../lib/ui/text.ts";
import { change, type Item, type Kind, remove } from "../store/floor.ts";
import { say } from "../store/said.ts";
import { words } from "../store/words.ts";
import type { Draft } from "./draft.ts";
import { FloorTrouble } from "./FloorTrouble.tsx";

interface ListProps<T> {
  /** Of the section; its heading's is ID-title. */
  id: string;
  title: ComponentChildren;
  /** Said where there are no items. */
  empty: string;
  items: T[];
  /** A line. `gone` is to be called when its item was removed: the focus goes to the heading. */
  line: (item: T, gone: () => void) => ComponentChildren;
  /** The form that adds one. */
  children: ComponentChildren;
}

export function ListCard<T>({ id, title, empty, items, line, children }: ListProps<T>) {
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <section id={id} class="card aging" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {items.length === 0 && <p>{empty}</p>}
      <ul class="lines">{items.map((item) => line(item, () => heading.current?.focus()))}</ul>
      {children}
    </section>
  );
}

interface LineProps<K extends Kind> {
  kind: K;
  item: Item<K>;
  draft: Draft<Item<K>>;
  gone: () => void;
  /** What it is now, in words: for who has typed something else over it. */
  present: string;
  /** The inputs. */
  children: ComponentChildren;
}

export function LineForm<K extends Kind>({ kind, item, draft, gone, present, children }: LineProps<K>) {
  const w = words.value;
  const attempt = useAttempt();
  const name = isolate(item.name);
  const isOff = isOld.value || attempt.busy.value;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    save();
  }

  function save(query = ""): void {
    if (isOld.value || !draft.isDirty) return;
    void attempt.run(
      (key) => change(kind, item, draft.changes, key, query),
      (made) => {
        draft.clear();
        say(w.saved(isolate(made.name)));
      },
    );
  }

  function takeAway(): void {
    void attempt.run(
      (key) => remove(kind, item, key),
      () => {
        say(w.removed(name));
        gone();
      },
    );
  }

  return (
    <li>
      <form class="line" onSubmit={submit}>
        {children}
        <span class="acts">
          <Act type="submit" aria-label={w.saveLabel(name)} off={!draft.isDirty || isOff}>
            {w.save}
          </Act>
          <CarefulAct question={w.reallyRemove} label={w.removeLabel(name)} off={isOff} act={takeAway}>
            {w.remove}
          </CarefulAct>
        </span>
      </form>
      <FloorTrouble attempt={attempt} clamp={kind === "tables" ? () => save("?clamp=1") : undefined} />
      <p class="is-now" role="status">
        {draft.isDirty && (draft.isOvertaken || attempt.trouble.value?.problem.status === 412) && w.isNow(present)}
      </p>
    </li>
  );
}
