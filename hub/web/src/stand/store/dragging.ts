// A booking that is being moved, by pointer or by keyboard, and what the drop would do.
import { computed, signal } from "@preact/signals";
import { type Drop, dropOf, type Target } from "../model/drop.ts";
import type { Booking } from "../model/types.ts";
import { now } from "./app.ts";
import { floor, room, shownShifts } from "./days.ts";

export interface Dragging {
  booking: Booking;
  target: Target;
  by: "pointer" | "keys";
}

/** Set anew only when the target is another one: what follows it is drawn then, and not for each pixel. */
export const dragging = signal<Dragging | null>(null);

/** Where the pointer is on the screen. */
export const pointer = signal({ x: 0, y: 0 });

export const heldId = computed(() => dragging.value?.booking.id ?? null);

export function dropFor(booking: Booking, target: Target): Drop {
  const scene = { floor: floor.value, room: room.value, shifts: shownShifts.value, now: now.value };
  // The booking as it is now: somebody else may have changed it while it is held.
  return dropOf(scene, scene.floor.bookings.get(booking.id) ?? booking, target);
}

/** What the drop would do at this moment; it follows the floor. */
export const wouldDo = computed<Drop | null>(() => {
  const held = dragging.value;
  return held && dropFor(held.booking, held.target);
});

/** Whether the drop would take this table, or is tried at it. */
export function isMeant(table: number): boolean {
  const held = dragging.value;
  const drop = held && wouldDo.value;
  if (!held || !drop) return false;
  return "tables" in drop ? drop.tables.includes(table) : held.target.table === table;
}
