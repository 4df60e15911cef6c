// Somebody who waits for a table: what to tell them comes from the hub.
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { api, now, words } from "../store/app.ts";
import { mayWrite } from "../store/days.ts";
import { dialog, list, openWait } from "../store/windows.ts";
import { attempt, busy } from "../store/writes.ts";
import { GuestCount } from "./GuestCount.tsx";
import { Trouble } from "./Trouble.tsx";

const PLACE = "wait";

interface Estimate {
  guests: number;
  ahead: number;
  /** Between when and when they would sit. */
  from: string | null;
  until: string | null;
  state: "open" | "no_wait" | "closed";
}

function useEstimate(guests: number | null): Estimate | null {
  const [found, setFound] = useState<Estimate | null>(null);
  useEffect(() => {
    setFound(null);
    if (guests === null) return;
    let isCurrent = true;
    api.get<Estimate>(`/waitlist/estimate?guests=${guests}`).then(
      (estimate) => isCurrent && setFound(estimate),
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [guests]);
  return found;
}

export function estimateText(estimate: Estimate): string {
  const { quote } = words.value;
  if (estimate.state === "no_wait") return quote.noWait;
  if (estimate.state === "closed") return quote.closed;
  const inMinutes = (text: string) => Math.max(0, Math.round((Date.parse(text) - now.value) / 60_000));
  const range =
    estimate.from && estimate.until ? quote.minutes(inMinutes(estimate.from), inMinutes(estimate.until)) : "";
  return [range, quote.ahead(estimate.ahead)].filter(Boolean).join(" · ");
}

export function WaitForm({ guests: first }: { guests?: number | undefined }) {
  const w = words.value;
  const [guests, setGuests] = useState<number | null>(first ?? null);
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [wasTried, setTried] = useState(false);
  const estimate = useEstimate(guests);
  const close = () => (dialog.value = null);
  const lacks = guests === null ? w.forms.chooseGuests : name.trim() === "" ? w.forms.nameNeeded : "";

  async function join(): Promise<void> {
    setTried(true);
    if (lacks) return;
    const body = { guests, name: name.trim(), ...(phone.trim() && { phone: phone.trim() }) };
    const made = await attempt(PLACE, (key) => api.write<{ id: number }>("POST", "/waitlist", { body, key }));
    if (made === null) return;
    list.value = "wait";
    openWait.value = made.id; // with the link for the guest
    close();
  }

  return (
    <Dialog title={w.forms.wait} closeText={w.close} close={close}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void join();
        }}
      >
        <GuestCount value={guests} set={setGuests} isFirst />
        <p class="estimate" role="status">
          {estimate ? estimateText(estimate) : " "}
        </p>
        <div class="pair">
          <label class="field">
            <span>{w.name}</span>
            <input
              maxLength={255}
              autocomplete="off"
              value={name}
              aria-invalid={wasTried && name.trim() === ""}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          </label>
          <label class="field">
            <span>{w.phone}</span>
            <input
              type="tel"
              maxLength={32}
              autocomplete="off"
              value={phone}
              onInput={({ currentTarget }) => setPhone(currentTarget.value)}
            />
          </label>
        </div>
        {wasTried && lacks && (
          <p class="problem" role="alert">
            {lacks}
          </p>
        )}
        <Trouble place={PLACE} />
        <div class="acts">
          <button type="submit" class="primary" disabled={!mayWrite.value || busy.value.has(PLACE)}>
            {w.forms.join}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
