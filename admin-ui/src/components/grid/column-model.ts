import { isObject, isString } from "@/lib/assert";

/** Which columns are shown, in what order and how wide. Keyed by field id, so renaming a field keeps its place. */
export type ColumnState = { order: string[]; hidden: string[]; widths: Record<string, number> };

export const noState: ColumnState = { order: [], hidden: [], widths: {} };

export function readColumnState(stored: unknown): ColumnState {
  if (!isObject(stored)) return noState;
  const widths: Record<string, number> = {};
  for (const [id, width] of Object.entries(isObject(stored["widths"]) ? stored["widths"] : {})) {
    if (typeof width === "number" && width >= 40 && width <= 1200) widths[id] = width;
  }
  return { order: strings(stored["order"]), hidden: strings(stored["hidden"]), widths };
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isString) : [];
}

/** Known columns in their stored order; new ones keep their natural place at the end. */
export function arrange<C extends { id: string }>(columns: C[], state: ColumnState): C[] {
  const rank = new Map(state.order.map((id, index) => [id, index]));
  const place = (column: C, index: number) => rank.get(column.id) ?? state.order.length + index;
  return columns
    .map((column, index) => ({ column, at: place(column, index) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ column }) => column);
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
