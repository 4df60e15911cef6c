// More of a party that waits: what was written of it, to be put right; the link to its guest's page, to be shown or sent;
// and another place in the queue.
import { useEffect, useRef, useState } from "preact/hooks";
import { Act } from "../../lib/page/Act.tsx";
import type { Waiting } from "../model/types.ts";
import { api, words } from "../store/app.ts";
import { mayWrite } from "../store/days.ts";
import { nameOf } from "../store/sentences.ts";
import { busy, changeWaiting, REASONS, type Reason, waitPlace } from "../store/writes.ts";
import { WaitEdit } from "./WaitEdit.tsx";

interface Props {
  entry: Waiting;
  before: Waiting | undefined;
  after: Waiting | undefined;
}

export function WaitMore({ entry, before, after }: Props) {
  const w = words.value;
  const [isEditing, setEditing] = useState(false);
  const edit = useRef<HTMLButtonElement>(null);
  return (
    <div class="wait-more">
      <div class="acts">
        <button
          ref={edit}
          type="button"
          aria-expanded={isEditing}
          aria-label={w.actOn(w.acts.edit, nameOf(entry.name))}
          disabled={!mayWrite.value}
          onClick={() => setEditing(!isEditing)}
        >
          {w.acts.edit}
        </button>
      </div>
      {isEditing && (
        <WaitEdit
          entry={entry}
          close={() => {
            setEditing(false);
            edit.current?.focus();
          }}
        />
      )}
      <GuestLink id={entry.id} />
      <Order entry={entry} before={before} after={after} />
    </div>
  );
}

function GuestLink({ id }: { id: number }) {
  const w = words.value;
  const [link, setLink] = useState("");
  const [isCopied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    let isCurrent = true;
    api.get<{ link: string }>(`/waitlist/${id}`).then(
      (entry) => isCurrent && setLink(new URL(entry.link, location.origin).href),
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [id]);
  if (!link) return null;

  async function copy(): Promise<void> {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      // On plain HTTP a browser has no clipboard but this one.
      if (!document.execCommand("copy")) return; // the link stays selected
    }
    setCopied(true);
  }

  return (
    <div class="wait-link">
      <label class="field">
        <span>{w.quote.link}</span>
        <input readOnly ref={field} value={link} onFocus={({ currentTarget }) => currentTarget.select()} />
      </label>
      <div class="acts">
        <button type="button" onClick={() => void copy()}>
          {w.quote.copy}
        </button>
        {"share" in navigator && (
          <button type="button" onClick={() => void navigator.share({ url: link }).catch(() => {})}>
            {w.quote.share}
          </button>
        )}
        <span role="status">{isCopied ? w.quote.copied : ""}</span>
      </div>
    </div>
  );
}

function Order({ entry, before, after }: Props) {
  const w = words.value;
  const [reason, setReason] = useState<Reason>("other");
  const pressed = useRef<HTMLButtonElement | null>(null);
  // The row moves with its party, and the button that moved it keeps the focus.
  useEffect(() => pressed.current?.focus(), [entry.place]);
  const off = !mayWrite.value || busy.value.has(waitPlace(entry));
  const button = (label: string, sign: string, to: Waiting | undefined) => (
    <Act
      off={off || !to}
      aria-label={w.actOn(label, nameOf(entry.name))}
      onClick={({ currentTarget }) => {
        if (!to) return;
        pressed.current = currentTarget;
        void changeWaiting(entry, { place: to.place, reason }, waitPlace(entry));
      }}
      onBlur={() => {
        if (document.hasFocus() && pressed.current?.isConnected) pressed.current = null;
      }}
    >
      {sign} {label}
    </Act>
  );
  return (
    <div class="wait-order">
      <label class="field">
        <span>{w.quote.why}</span>
        <select value={reason} onChange={({ currentTarget }) => setReason(currentTarget.value as Reason)}>
          {REASONS.map((each) => (
            <option key={each} value={each}>
              {w.quote.reasons[each]}
            </option>
          ))}
        </select>
      </label>
      <div class="acts">
        {button(w.quote.up, "↑", before)}
        {button(w.quote.down, "↓", after)}
      </div>
    </div>
  );
}
