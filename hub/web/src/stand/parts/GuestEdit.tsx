// Who a guest is, put right: name, phone and e-mail. What the guest's account says is not the house's to change.
import { useState } from "preact/hooks";
import type { WireGuestDetails } from "../../lib/api/wire.ts";
import { api, words } from "../store/app.ts";
import { attempt, troubles } from "../store/writes.ts";
import { EditForm } from "./EditForm.tsx";

interface Fields {
  name: string;
  phone: string;
  email: string;
}

const fieldsOf = ({ name, phone, email }: WireGuestDetails): Fields => ({
  name,
  phone: phone ?? "",
  email: email ?? "",
});

/** Only what the person changed. */
function bodyOf(seen: Fields, wanted: Fields): Partial<Record<keyof Fields, string | null>> {
  const body: Partial<Record<keyof Fields, string | null>> = {};
  if (wanted.name.trim() !== seen.name) body.name = wanted.name.trim();
  if (wanted.phone.trim() !== seen.phone) body.phone = wanted.phone.trim() || null;
  if (wanted.email.trim().toLowerCase() !== seen.email) body.email = wanted.email.trim() || null;
  return body;
}

interface Props {
  guest: WireGuestDetails;
  /** `text`: what follows of it. */
  close: (text?: string) => void;
}

export function GuestEdit({ guest, close }: Props) {
  const w = words.value;
  const [seen] = useState(guest);
  const [wanted, setWanted] = useState(() => fieldsOf(guest));
  const place = `guest-edit-${guest.id}`;
  const trouble = troubles.value.get(place);
  const present = trouble?.problem.status === 412 ? (trouble.problem.present as WireGuestDetails | null) : null;
  const body = bodyOf(fieldsOf(seen), wanted);

  function send(over: WireGuestDetails): void {
    if (Object.keys(body).length === 0) {
      close();
      return;
    }
    void attempt(
      place,
      (key) => api.write<WireGuestDetails>("PATCH", `/guests/${guest.id}`, { body, key, revision: over.revision }),
      ({ email }) => close(body.email && email ? w.guestBook.mailsGo(email) : w.guestBook.corrected),
    );
  }

  const of = (name: keyof Fields) => ({
    name,
    autocomplete: "off",
    value: wanted[name],
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) =>
      setWanted({ ...wanted, [name]: currentTarget.value }),
  });
  return (
    <EditForm
      name="guest-edit"
      place={place}
      isComplete={wanted.name.trim() !== ""}
      both={present && { seen: Object.values(fieldsOf(seen)), current: Object.values(fieldsOf(present)) }}
      send={() => send(seen)}
      again={() => present && send(present)}
      close={close}
    >
      <label class="field">
        <span>{w.name}</span>
        <input maxLength={255} required {...of("name")} />
      </label>
      <label class="field">
        <span>{w.phone}</span>
        <input type="tel" maxLength={32} {...of("phone")} />
      </label>
      <label class="field">
        <span>{w.email}</span>
        <input type="email" maxLength={254} {...of("email")} />
      </label>
      {body.email !== undefined && seen.email && <p class="card-note">{w.guestBook.linksEnd}</p>}
    </EditForm>
  );
}
