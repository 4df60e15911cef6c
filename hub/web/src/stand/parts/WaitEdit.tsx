// A party that waits, put right: how many they are, their name, their phone number. Its place and its promise stay.
import { useState } from "preact/hooks";
import type { Waiting } from "../model/types.ts";
import { words } from "../store/app.ts";
import { changeWaiting, troubles } from "../store/writes.ts";
import { EditForm } from "./EditForm.tsx";

interface Fields {
  guests: number;
  name: string;
  phone: string;
}

const fieldsOf = ({ guests, name, phone }: Waiting): Fields => ({ guests, name, phone: phone ?? "" });

/** Only what the person changed. */
function bodyOf(seen: Fields, wanted: Fields): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  if (wanted.guests !== seen.guests) body.guests = wanted.guests;
  if (wanted.name.trim() !== seen.name) body.name = wanted.name.trim();
  if (wanted.phone.trim() !== seen.phone) body.phone = wanted.phone.trim() || null;
  return body;
}

const linesOf = ({ guests, name, phone }: Waiting): string[] => [words.value.guests(guests), name, phone ?? ""];

/** `entry` is the party as it is now. */
export function WaitEdit({ entry, close }: { entry: Waiting; close: () => void }) {
  const w = words.value;
  const [seen] = useState(entry);
  const [wanted, setWanted] = useState(() => fieldsOf(entry));
  const place = `wait-edit-${entry.id}`;
  const isConflict = troubles.value.get(place)?.problem.status === 412;
  const set = (more: Partial<Fields>) => setWanted({ ...wanted, ...more });

  function send(over: Waiting): void {
    const body = bodyOf(fieldsOf(seen), wanted);
    if (Object.keys(body).length === 0) close();
    else void changeWaiting(over, body, place, close);
  }
  return (
    <EditForm
      name="wait-edit"
      place={place}
      isComplete={wanted.name.trim() !== ""}
      both={isConflict ? { seen: linesOf(seen), current: linesOf(entry) } : null}
      send={() => send(seen)}
      again={() => send(entry)}
      close={close}
    >
      <label class="field">
        <span>{w.name}</span>
        <input
          required
          maxLength={255}
          autocomplete="off"
          value={wanted.name}
          onInput={({ currentTarget }) => set({ name: currentTarget.value })}
        />
      </label>
      <div class="pair">
        <label class="field">
          <span>{w.forms.guestCount}</span>
          <input
            type="number"
            min={1}
            max={20}
            required
            value={wanted.guests}
            onInput={({ currentTarget }) => set({ guests: Number(currentTarget.value) })}
          />
        </label>
        <label class="field">
          <span>{w.phone}</span>
          <input
            type="tel"
            maxLength={32}
            autocomplete="off"
            value={wanted.phone}
            onInput={({ currentTarget }) => set({ phone: currentTarget.value })}
          />
        </label>
      </div>
    </EditForm>
  );
}
