import { isObject, isString } from "@/lib/assert";
import type { ColumnState } from "@/components/grid/column-model";
import { readColumnState } from "@/components/grid/column-model";

/** A filter, an order and an arrangement of columns under a name. */
export type SavedView = { name: string; filter: string; sort: string; columns: ColumnState };

export function readViews(stored: unknown): SavedView[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((item: unknown): SavedView[] => {
    if (!isObject(item) || !isString(item["name"])) return [];
    const text = (key: string) => (isString(item[key]) ? item[key] : "");
    return [
      { name: item["name"], filter: text("filter"), sort: text("sort"), columns: readColumnState(item["columns"]) },
    ];
  });
}
