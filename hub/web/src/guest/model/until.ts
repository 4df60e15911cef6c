// Until when a guest may change or cancel a booking, by the rules that the hub tells. Pure.
import { MINUTE } from "../../lib/time/zone.ts";

/** In ms since 1970: the deadline before its start, or the grace after it was made, whichever is later. */
export const changeableUntil = (
  { start_at, created_at }: { start_at: string; created_at: string },
  rules: { cancel_deadline_minutes: number; cancel_grace_minutes: number },
): number =>
  Math.max(
    Date.parse(start_at) - rules.cancel_deadline_minutes * MINUTE,
    Date.parse(created_at) + rules.cancel_grace_minutes * MINUTE,
  );
