import type { Collection, RecordRow } from "@/api/types";
import { toText } from "@/lib/assert";
import { formatTsv } from "@/lib/tsv";

type Named = { name: string };

/** A block of cells as text: raw values, so that what is pasted is what was copied. */
export function copyCells(rows: RecordRow[], columns: Named[]): string {
  return formatTsv(rows.map((row) => columns.map(({ name }) => plain(row[name]))));
}

function plain(value: unknown): string {
  return Array.isArray(value) ? value.map((item) => toText(item)).join(", ") : toText(value);
}

export type Edit = { row: RecordRow; field: string; value: unknown };

/** Emptied cells, as far as they can be edited in the table. */
export function emptied(
  collection: Collection,
  rows: RecordRow[],
  columns: Named[],
  editable: (name: string) => boolean,
): Edit[] {
  return rows.flatMap((row) =>
    columns
      .filter(({ name }) => editable(name))
      .map(({ name }) => ({ row, field: name, value: emptyOf(collection, name) })),
  );
}

export function emptyOf(collection: Collection, name: string): unknown {
  const type = collection.fields.find((field) => field.name === name)?.type;
  return type === "number" ? 0 : type === "bool" ? false : "";
}
