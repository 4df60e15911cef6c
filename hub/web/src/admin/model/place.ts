// Where a table stands on its area's plan, in thousandths of the plan, and how it is moved and sized. Pure.
import type { Place } from "../store/floor.ts";

export const PLAN = 1000;
export const LEAST = 40;
export const STEP = 10;
export const LEAP = 50;
const TURNS = [0, 45, 90, 135] as const;

const within = (value: number, from: number, to: number) => Math.min(to, Math.max(from, Math.round(value)));

/** The whole of it stays on the plan. */
export function moved(place: Place, x: number, y: number): Place {
  return { ...place, x: within(x, 0, PLAN - place.width), y: within(y, 0, PLAN - place.height) };
}

export function sized(place: Place, width: number, height: number): Place {
  const [w, h] = [within(width, LEAST, PLAN), within(height, LEAST, PLAN)];
  return moved({ ...place, width: w, height: h }, place.x, place.y);
}

export function turned(place: Place): Place {
  return { ...place, turn: TURNS[(TURNS.indexOf(place.turn) + 1) % TURNS.length] ?? 0 };
}

export const isSame = (a: Place | null, b: Place | null): boolean =>
  a === b ||
  (a !== null && b !== null && Object.keys(a).every((key) => a[key as keyof Place] === b[key as keyof Place]));

/** Where an arrow key leads; null: it is no arrow. `far`: in leaps. */
export function stepped(place: Place, key: string, far: boolean): Place | null {
  const by = far ? LEAP : STEP;
  const steps: Record<string, [number, number]> = {
    ArrowLeft: [-by, 0],
    ArrowRight: [by, 0],
    ArrowUp: [0, -by],
    ArrowDown: [0, by],
  };
  const step = steps[key];
  return step ? moved(place, place.x + step[0], place.y + step[1]) : null;
}

const overlaps = (a: Place, b: Place) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** A first place for a table of so many seats: the first free spot in rows, or the corner of a plan that is full. */
export function firstPlace(seats: number, others: Place[]): Place {
  const size = { width: within(90 + seats * 10, LEAST, 300), height: 110, shape: "rect", turn: 0 } as const;
  for (let y = 30; y + size.height <= PLAN; y += size.height + 30)
    for (let x = 30; x + size.width <= PLAN; x += 10) {
      const place = { x, y, ...size };
      if (!others.some((other) => overlaps(place, other))) return place;
    }
  return { x: 0, y: 0, ...size };
}
