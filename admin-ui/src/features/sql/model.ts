import type { Collection } from "@/api/types";
import type { Completions } from "@/lib/expr/complete";
import { csvCell, csvLine } from "@/lib/csv";
import { keywords } from "@/lib/sql";
import { isObject } from "@/lib/assert";

/** Words that fit at the caret: columns first, then tables, then the language. */
export function completeSql(text: string, caret: number, collections: Collection[]): Completions {
  const word = /[\w$]*$/.exec(text.slice(0, caret))?.[0] ?? "";
  const from = caret - word.length;
  if (word === "") return { from, to: caret, options: [] };
  const lower = word.toLowerCase();
  const starts = (name: string) => name.toLowerCase().startsWith(lower) && name.toLowerCase() !== lower;
  const owner = /(\w+)\.\s*$/.exec(text.slice(0, from))?.[1];
  const used = collections.filter((collection) => new RegExp(`\\b${collection.name}\\b`).test(text));
  const scope = owner ? collections.filter((collection) => collection.name === owner) : used.length > 0 ? used : [];
  const seen = new Set<string>();
  const options = [
    ...scope.flatMap((collection) =>
      collection.fields.map((field) => ({
        label: field.name,
        detail: `${collection.name}, ${field.type}`,
        insert: field.name,
      })),
    ),
    ...(owner ? [] : collections.map(({ name, type }) => ({ label: name, detail: type, insert: name }))),
    ...(owner ? [] : keywords.map((name) => ({ label: name, detail: "", insert: name }))),
  ].filter((option) => starts(option.label) && !seen.has(option.label) && seen.add(option.label));
  return { from, to: caret, options: options.slice(0, 12) };
}

export type SavedQuery = { name: string; text: string };

export function without(list: SavedQuery[], name: string): SavedQuery[] {
  return list.filter((query) => query.name !== name);
}

export function readSavedQueries(stored: unknown): SavedQuery[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((item: unknown) =>
    isObject(item) && typeof item["name"] === "string" && typeof item["text"] === "string"
      ? [{ name: item["name"], text: item["text"] }]
      : [],
  );
}

export function isNumeric(cell: string | null): boolean {
  return cell !== null && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(cell);
}

export function toCsv(columns: string[], rows: (string | null)[][]): string {
  const lines = rows.map((row) => csvLine(row.map((cell) => csvCell(cell ?? "", isNumeric(cell)))));
  return csvLine(columns.map((name) => csvCell(name))) + lines.join("");
}

export function toJson(columns: string[], rows: (string | null)[][]): string {
  return JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null]))),
    null,
    2,
  );
}
