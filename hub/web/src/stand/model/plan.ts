// Where tables stand on the plan: where the owner placed them, and in a grid those that have no place. Pure.
import type { Place, Table } from "./types.ts";

const GAP = 24;

/** The places of tables, per mille of the plan. Tables without one share the plan's free lower part, or all of it. */
export function gridPlaces(tables: Table[]): Map<number, Place> {
  const places = new Map<number, Place>();
  const without = tables.filter(({ place }) => place === null);
  for (const { id, place } of tables) if (place) places.set(id, place);
  if (without.length === 0) return places;
  const lowest = Math.max(0, ...[...places.values()].map(({ y, height }) => y + height));
  const top = lowest === 0 ? GAP : Math.min(lowest + GAP, 760);
  const room = 1000 - top - GAP;
  const columns = Math.max(1, Math.ceil(Math.sqrt(without.length * (1000 / room) * 1.1)));
  const rows = Math.ceil(without.length / columns);
  const width = (1000 - GAP * (columns + 1)) / columns;
  const height = Math.min(width, (room - GAP * (rows - 1)) / rows);
  without.forEach(({ id }, index) => {
    const [column, row] = [index % columns, Math.floor(index / columns)];
    const x = GAP + column * (width + GAP);
    const y = top + row * (height + GAP);
    places.set(id, { x, y, width, height, shape: "rect", turn: 0 });
  });
  return places;
}
