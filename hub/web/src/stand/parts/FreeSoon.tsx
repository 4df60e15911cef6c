// Tables by size that are free now, in 15 and in 30 minutes: what a host at the door asks first.
import { freeBySize } from "../model/free.ts";
import { formats, now, rules, words } from "../store/app.ts";
import { floor, isLoaded, isTonight, room } from "../store/days.ts";

export function FreeSoon() {
  if (!isTonight.value || !isLoaded.value || room.value.tables.size === 0) return null;
  const w = words.value;
  const rows = freeBySize(room.value, floor.value, rules.value, now.value);
  return (
    <table class="free-soon">
      <caption class="unseen">{w.freeNow}</caption>
      <thead>
        <tr>
          <th scope="col">{w.freeNow}</th>
          {rows.map(({ seats }) => (
            <th scope="col" key={seats}>
              {w.said.seats(seats)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {(["now", "in15", "in30"] as const).map((when) => (
          <tr key={when}>
            <th scope="row">{w.freeHead[when]}</th>
            {rows.map((row) => (
              <td key={row.seats} class={row[when].count === 0 ? "is-none" : ""}>
                {row[when].count}
                {row[when].until !== null && <small>{w.freeHead.until(formats.value.time(row[when].until))}</small>}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
