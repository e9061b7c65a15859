import { useState, type KeyboardEvent } from "react";
import type { Collection, Field, FileField, RecordRow, RelationField } from "@/api/types";
import type { CellMark, GridColumn } from "@/components/grid/types";
import { showValue } from "@/lib/shown";
import { emptyOf } from "./cells";
import { changeKey, isInline } from "./staged";
import type { Staged } from "./use-staged";

export type Editing = { id: string; field: string; start: string | null };

/** What keys and double clicks on a cell do, and how cells with unsent edits look. */
export function useInline(collection: Collection, staged: Staged, readOnly: boolean, serverMoved: ReadonlySet<string>) {
  const [editing, setEditing] = useState<Editing | null>(null);
  const [peek, setPeek] = useState<{ field: RelationField | FileField; row: RecordRow } | null>(null);
  const fieldOf = (column: GridColumn<RecordRow>): Field | undefined =>
    collection.fields.find((field) => field.id === column.id);

  function begin(row: RecordRow, column: GridColumn<RecordRow>, start: string | null): boolean {
    const field = fieldOf(column);
    if (start === null && (field?.type === "relation" || field?.type === "file")) {
      setPeek({ field, row });
      return true;
    }
    if (readOnly || !field || !isInline(field)) return false;
    if (field.type === "bool") {
      if (start === null) staged.set(row, field.name, row[field.name] !== true);
      return start === null;
    }
    if (field.type === "select" && start !== null) return false;
    setEditing({ id: row.id, field: field.name, start });
    return true;
  }
  function onKey(event: KeyboardEvent, row: RecordRow, column: GridColumn<RecordRow>): boolean {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const field = fieldOf(column);
    const looks = field?.type === "relation" || field?.type === "file";
    if (event.key === "Enter" && looks) return false;
    if (event.key === "F2" || (event.key === "Enter" && plain)) return begin(row, column, null);
    const acts = field?.type === "bool" || field?.type === "relation" || field?.type === "file";
    if (event.key === " " && !event.shiftKey && acts) return begin(row, column, null);
    if (event.key === "Delete" && field && isInline(field) && !readOnly) {
      staged.set(row, field.name, emptyOf(collection, field.name));
      return true;
    }
    if (plain && event.key.length === 1 && event.key !== " ") return begin(row, column, event.key);
    return false;
  }
  function markOf(row: RecordRow, column: GridColumn<RecordRow>): CellMark | null {
    const key = changeKey(row.id, column.name);
    const problem = staged.problems[key];
    if (problem) return { tone: "invalid", note: problem };
    const patch = staged.patches[row.id];
    if (!patch || !(column.name in patch)) return null;
    const before = showValue(staged.bases.get(row.id)?.[column.name]);
    return { tone: "staged", note: serverMoved.has(key) ? `changed on server; was ${before}` : `was ${before}` };
  }
  return { editing, peek, begin, onKey, markOf, fieldOf, stop: () => setEditing(null), closePeek: () => setPeek(null) };
}

const merged = new WeakMap<object, { row: RecordRow; shown: RecordRow }>();

/** A row with its unsent edits; the same object as long as neither changes, so that cells are not drawn again. */
export function withPatch(row: RecordRow, patch: Record<string, unknown> | undefined): RecordRow {
  if (!patch) return row;
  const known = merged.get(patch);
  if (known?.row === row) return known.shown;
  const shown: RecordRow = { ...row, ...patch };
  merged.set(patch, { row, shown });
  return shown;
}
