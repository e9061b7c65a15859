import { equal } from "./equal";

export type Conflict = { key: string; base: unknown; mine: unknown; theirs: unknown };
/** Whose value stands where both sides changed it, by the key of the conflict. */
export type Sides = Readonly<Record<string, "mine" | "theirs">>;
export type Merged = { value: Record<string, unknown>; conflicts: Conflict[] };

/**
 * Three-way merge by key. A side that did not change loses to the side that did; when both changed to the same value there
 * is no conflict. Two lists of plain values merge as sets, so adding different ids on both sides keeps both.
 */
export function merge3(
  base: Readonly<Record<string, unknown>>,
  mine: Readonly<Record<string, unknown>>,
  theirs: Readonly<Record<string, unknown>>,
): Merged {
  const value: Record<string, unknown> = { ...theirs };
  const conflicts: Conflict[] = [];
  for (const key of new Set([...Object.keys(base), ...Object.keys(mine), ...Object.keys(theirs)])) {
    const [b, m, t] = [base[key], mine[key], theirs[key]];
    if (equal(b, m) || equal(m, t)) continue;
    if (equal(b, t)) {
      value[key] = m;
    } else if (isSet(b) && isSet(m) && isSet(t)) {
      value[key] = mergeSets(b, m, t);
    } else {
      value[key] = m;
      conflicts.push({ key, base: b, mine: m, theirs: t });
    }
  }
  return { value, conflicts };
}

/** The values of those places once it has been decided whose they have. */
export function decided(conflicts: Conflict[], sides: Sides): Record<string, unknown> {
  return Object.fromEntries(conflicts.map(({ key, mine, theirs }) => [key, sides[key] === "mine" ? mine : theirs]));
}

function isSet(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

export function mergeSets(base: string[], mine: string[], theirs: string[]): string[] {
  const removedByThem = new Set(base.filter((item) => !theirs.includes(item)));
  const kept = mine.filter((item) => !removedByThem.has(item));
  const addedByThem = theirs.filter((item) => !base.includes(item) && !mine.includes(item));
  return [...kept, ...addedByThem];
}
