// On a phone: what is to be added, as one choice behind one button.
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { words } from "../store/app.ts";
import { mayWrite } from "../store/days.ts";
import { dialog } from "../store/windows.ts";

export function AddChoice() {
  const w = words.value;
  const choices = [
    ["walkin", w.addWalkIn],
    ["phone", w.addPhone],
    ["wait", w.addWait],
  ] as const;
  return (
    <Dialog title={w.add} closeText={w.close} close={() => (dialog.value = null)}>
      <div class="form">
        {choices.map(([kind, text]) => (
          <button type="button" key={kind} disabled={!mayWrite.value} onClick={() => (dialog.value = { kind })}>
            {text}
          </button>
        ))}
      </div>
    </Dialog>
  );
}
