// A table that is too small for a party: by how many, and why they sit there anyway.
import { useEffect } from "preact/hooks";
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { words } from "../store/app.ts";
import { floor } from "../store/days.ts";
import { nameOf } from "../store/sentences.ts";
import { dialog, type Dialog as Open } from "../store/windows.ts";
import { dismiss, troubles } from "../store/writes.ts";
import { Anyway } from "./Anyway.tsx";
import { Trouble } from "./Trouble.tsx";

export function TightForm({ open }: { open: Extract<Open, { kind: "tight" }> }) {
  const w = words.value;
  const booking = floor.value.bookings.get(open.booking);
  const close = () => (dialog.value = null);
  // A refusal stays where it was asked for only as long as somebody looks at it.
  useEffect(() => () => dismiss(open.place), []);
  const more = troubles.value.get(open.place)?.problem.body.exceed;
  return (
    <Dialog title={w.tight.title(open.short)} closeText={w.close} close={close}>
      <div class="form">
        <p>{w.tight.who(nameOf(booking?.name ?? ""), w.guests(booking?.guests ?? 0), open.at)}</p>
        <Trouble place={open.place} />
        <Anyway
          place={open.place}
          text={open.text}
          exceed={more ?? ["seats"]}
          again={async (reasoned) => {
            if ((await open.again(reasoned)) !== null) close();
          }}
        />
        <button type="button" onClick={close}>
          {w.cancel}
        </button>
      </div>
    </Dialog>
  );
}
