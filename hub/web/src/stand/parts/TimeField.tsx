// A time on the clock. Of one that the clock shows twice, since it is set back that night, it asks which one is meant.
import { formats, words } from "../store/app.ts";

interface Props {
  label: string;
  time: string;
  setTime: (time: string) => void;
  /** When the clock shows it, by time. */
  instants: number[];
  isSecond: boolean;
  setSecond: (isSecond: boolean) => void;
}

/** The one of the instants that is meant. */
export const meant = (instants: number[], isSecond: boolean): number => instants[isSecond ? 1 : 0] ?? instants[0] ?? 0;

export function TimeField({ label, time, setTime, instants, isSecond, setSecond }: Props) {
  return (
    <>
      <label class="field">
        <span>{label}</span>
        <input type="time" required value={time} onInput={({ currentTarget }) => setTime(currentTarget.value)} />
      </label>
      {instants.length > 1 && (
        <fieldset class="numbers which-hour">
          <legend>{words.value.forms.whichHour}</legend>
          <div class="chips">
            {instants.map((at) => (
              <button
                type="button"
                key={at}
                aria-pressed={at === meant(instants, isSecond)}
                onClick={() => setSecond(at !== instants[0])}
              >
                {formats.value.time(at)}
              </button>
            ))}
          </div>
        </fieldset>
      )}
    </>
  );
}
