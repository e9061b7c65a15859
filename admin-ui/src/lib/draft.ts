import { changedKeys, equal } from "./equal";
import { merge3, type Conflict } from "./merge3";

/**
 * The pure core of an edited object: what the server holds, what the user made of it, and how to walk back. It knows neither
 * React nor the server.
 */
export type Draft<T extends object> = {
  base: T;
  value: T;
  past: T[];
  future: T[];
  /** What the last step touched and when; quick steps on one key are one undo step. */
  last: { key: string; at: number } | null;
};

const coalesceMs = 800;
const historyLimit = 200;

export function startDraft<T extends object>(base: T, value: T = base): Draft<T> {
  return { base, value, past: [], future: [], last: null };
}

export function setKey<T extends object>(draft: Draft<T>, key: string, value: T, at: number): Draft<T> {
  if (equal(draft.value, value)) return draft;
  const joins = draft.last !== null && draft.last.key === key && at - draft.last.at < coalesceMs;
  const past = joins ? draft.past : [...draft.past, draft.value].slice(-historyLimit);
  return { base: draft.base, value, past, future: [], last: { key, at } };
}

export function undo<T extends object>(draft: Draft<T>): Draft<T> {
  const previous = draft.past.at(-1);
  if (!previous) return draft;
  return {
    base: draft.base,
    value: previous,
    past: draft.past.slice(0, -1),
    future: [draft.value, ...draft.future],
    last: null,
  };
}

export function redo<T extends object>(draft: Draft<T>): Draft<T> {
  const [next, ...future] = draft.future;
  if (!next) return draft;
  return { base: draft.base, value: next, past: [...draft.past, draft.value], future, last: null };
}

export function dirtyKeys<T extends object>(draft: Draft<T>): string[] {
  return changedKeys(draft.base, draft.value);
}

/** Only what changed: the body of an update. */
export function patchOf<T extends object>(draft: Draft<T>): Partial<T> {
  const patch: Partial<T> = { ...draft.value };
  for (const key of Object.keys(patch)) {
    if (!dirtyKeys(draft).includes(key)) Reflect.deleteProperty(patch, key);
  }
  return patch;
}

/** The server moved: keep my changes on top of theirs and say where both changed. */
export function rebase(
  draft: Draft<Record<string, unknown>>,
  theirs: Record<string, unknown>,
): { draft: Draft<Record<string, unknown>>; conflicts: Conflict[] } {
  const { value, conflicts } = merge3(draft.base, draft.value, theirs);
  return { draft: startDraft(theirs, value), conflicts };
}
