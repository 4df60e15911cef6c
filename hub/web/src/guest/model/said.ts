// What a guest says of a booking, as it is typed and as the hub takes it. Pure.
import type { components } from "../../generated/rest.ts";

export interface Said {
  note: string;
  occasion: string;
  needs: string[];
}

/** What of it is another: null where it is taken away. */
export type SaidChanges = Partial<Pick<components["schemas"]["BookingChange"], "note" | "occasion" | "needs">>;

export const NOTHING_SAID: Said = { note: "", occasion: "", needs: [] };

export const saidOf = (booking: { note: string | null; occasion: string | null; needs: string[] }): Said => ({
  ...{ note: booking.note ?? "", occasion: booking.occasion ?? "", needs: booking.needs },
});

/** What was typed over what was there before, and the rest as it is now. */
export function saidOver(before: Said, typed: Said, present: Said): Said {
  const changed = saidChanges(before, typed);
  return {
    note: (changed.note === undefined ? present : typed).note,
    occasion: (changed.occasion === undefined ? present : typed).occasion,
    needs: (changed.needs === undefined ? present : typed).needs,
  };
}

/** Of a new booking, before which nothing was said, it is what is said. */
export function saidChanges(before: Said, now: Said): SaidChanges {
  const found: SaidChanges = {};
  for (const name of ["note", "occasion"] as const) {
    const text = now[name].trim();
    if (text !== before[name]) found[name] = text || null;
  }
  if ([...now.needs].sort().join() !== [...before.needs].sort().join())
    found.needs = now.needs as NonNullable<SaidChanges["needs"]>;
  return found;
}
