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
  /** Where the pointer is on the screen. */
  x: number;
  y: number;
}

export const dragging = signal<Dragging | null>(null);

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
