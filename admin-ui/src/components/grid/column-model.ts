import { isObject, isString } from "@/lib/assert";

/**
 * Which columns are shown, in what order and how wide, and which stay in sight besides the first. Keyed by field id, so
 * renaming a field keeps its place.
 */
export type ColumnState = { order: string[]; hidden: string[]; widths: Record<string, number>; pinned: string[] };

export const noState: ColumnState = { order: [], hidden: [], widths: {}, pinned: [] };

export function readColumnState(stored: unknown): ColumnState {
  if (!isObject(stored)) return noState;
  const widths: Record<string, number> = {};
  for (const [id, width] of Object.entries(isObject(stored["widths"]) ? stored["widths"] : {})) {
    if (typeof width === "number" && width >= 40 && width <= 1200) widths[id] = width;
  }
  return {
    order: strings(stored["order"]),
    hidden: strings(stored["hidden"]),
    widths,
    pinned: strings(stored["pinned"]),
  };
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isString) : [];
}

/** Pinned columns, then known ones in their stored order; new ones keep their natural place at the end. */
export function arrange<C extends { id: string }>(columns: C[], state: ColumnState): C[] {
  const rank = new Map(state.order.map((id, index) => [id, index]));
  const place = (column: C, index: number) => rank.get(column.id) ?? state.order.length + index;
  const ordered = columns
    .map((column, index) => ({ column, at: place(column, index) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ column }) => column);
  const isPinned = (column: C) => state.pinned.includes(column.id);
  return [...ordered.filter(isPinned), ...ordered.filter((column) => !isPinned(column))];
}

/** How many of the shown columns stay in sight: the pinned ones, and always the one that names the record. */
export function pinnedCount(shown: { id: string }[], state: ColumnState): number {
  return Math.max(1, shown.filter((column) => state.pinned.includes(column.id)).length);
}

/** Pins a column behind those that are pinned, or lets it go. Without any the first column counts as pinned. */
export function togglePin(shown: { id: string }[], state: ColumnState, id: string): ColumnState {
  const before = shown.slice(0, pinnedCount(shown, state)).map((column) => column.id);
  const pinned = before.includes(id) ? before.filter((other) => other !== id) : [...before, id];
  return { ...state, pinned, hidden: state.hidden.filter((other) => other !== id) };
}

export function moveColumn(ids: string[], id: string, by: -1 | 1): string[] {
  const from = ids.indexOf(id);
  const to = from + by;
  if (from < 0 || to < 0 || to >= ids.length) return ids;
  const next = [...ids];
  next.splice(from, 1);
  next.splice(to, 0, id);
  return next;
}
