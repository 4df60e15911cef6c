// For how many guests there is a place to sit together. Pure.

interface Room {
  tables: Iterable<{ seats: number }>;
  combinations: { max: number }[];
}

export interface Most {
  guests: number;
  /** At several tables that are pushed together. */
  isJoined: boolean;
}

/** Null: no table is known. */
export function mostOf({ tables, combinations }: Room): Most | null {
  const alone = Math.max(0, ...[...tables].map(({ seats }) => seats));
  const joined = Math.max(0, ...combinations.map(({ max }) => max));
  if (alone === 0) return null;
  return joined > alone ? { guests: joined, isJoined: true } : { guests: alone, isJoined: false };
}
