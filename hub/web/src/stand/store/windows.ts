// What is open: a booking's card, one dialog, the menu of a free place. And which part of the page is looked at.
import { signal } from "@preact/signals";

/** Asks for the same again, for a reason. */
export type Again = (more: { exceed: string[]; reason: string }) => Promise<unknown>;

export type Dialog =
  | { kind: "phone"; table?: number; start?: number; guests?: number }
  | { kind: "walkin"; table?: number }
  | { kind: "wait"; guests?: number }
  | { kind: "block"; table: number; start: number }
  | { kind: "tight"; booking: number; at: string; short: number; place: string; text: string; again: Again }
  | { kind: "add" }
  | { kind: "help" }
  | { kind: "print" };

export interface FreeMenu {
  table: number;
  start: number;
  x: number;
  y: number;
  /** The block that was pointed at, in the place of what is free. */
  block?: number;
}

/** The id of the booking whose card is open. */
export const card = signal<number | null>(null);
/** The id of the waiting party of which more is shown. */
export const openWait = signal<number | null>(null);
export const dialog = signal<Dialog | null>(null);
export const freeMenu = signal<FreeMenu | null>(null);
export const list = signal<"arrivals" | "seated" | "wait">("arrivals");
export const view = signal<"timeline" | "plan">("timeline");
/** On a phone one part is seen at a time. */
export const part = signal<"list" | "floor">("list");

let cameFrom: HTMLElement | null = null;

export function openCard(id: number): void {
  if (card.value === null) cameFrom = document.activeElement as HTMLElement | null;
  freeMenu.value = null;
  card.value = id;
}

/** Focus goes back to where the person was. */
export function closeCard(): void {
  card.value = null;
  if (cameFrom?.isConnected) cameFrom.focus();
  cameFrom = null;
}

export function closeAll(): void {
  card.value = null;
  dialog.value = null;
  freeMenu.value = null;
}
