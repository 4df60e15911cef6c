// The keys, by what they do.
import { Dialog } from "../../lib/ui/Dialog.tsx";
import { words } from "../store/app.ts";
import { dialog } from "../store/windows.ts";

export function Help() {
  const { keys, close, move } = words.value;
  const rows: [string, string][] = [
    ["n", keys.phone],
    ["w", keys.walkIn],
    ["l", keys.wait],
    ["/", keys.search],
    ["← →", keys.days],
    ["t", keys.tonight],
    ["m", keys.move],
    ["← → ↑ ↓", keys.bars],
    ["?", keys.help],
  ];
  return (
    <Dialog title={keys.title} closeText={close} close={() => (dialog.value = null)}>
      <dl class="keys">
        {rows.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p>
        <small>{move.help}</small>
      </p>
    </Dialog>
  );
}
