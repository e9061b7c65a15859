import type { Collection, Field } from "@/api/types";
import { isObject, toText } from "@/lib/assert";
import { parseCsv, unguarded } from "@/lib/csv";
import { textsOf, usesComma, valueOf, type Reading } from "./import-values";

/** `places` says where in the file each row is, counted in `unit`. */
export type Table = {
  columns: string[];
  rows: Record<string, unknown>[];
  unit: "Line" | "Item";
  places: number[];
};
export type ReadTable = { ok: true; table: Table } | { ok: false; message: string };

/** CSV, NDJSON or a JSON list, told apart by their first sign. */
export function readTable(text: string): ReadTable {
  const source = text.trim();
  if (source === "") return { ok: false, message: "The file is empty." };
  if (source.startsWith("[") || source.startsWith("{")) return readJson(source);
  const [head, ...body] = parseCsv(text);
  if (!head || body.length === 0)
    return { ok: false, message: "A first line with names and at least one more line are expected." };
  const columns = distinct(head.cells.map((name) => name.trim()));
  const rows = body.map(({ cells }) =>
    Object.fromEntries(columns.map((name, index) => [name, unguarded(cells[index] ?? "")])),
  );
  return { ok: true, table: { columns, rows, unit: "Line", places: body.map(({ line }) => line) } };
}

/** Columns without a name, or with that of another, are still columns. */
function distinct(names: string[]): string[] {
  const out: string[] = [];
  for (const [index, name] of names.entries()) {
    let next = name === "" ? `column ${index + 1}` : name;
    for (let n = 2; out.includes(next); n += 1) next = `${name || `column ${index + 1}`} (${n})`;
    out.push(next);
  }
  return out;
}

function readJson(source: string): ReadTable {
  try {
    const list = listOf(source);
    const bad = list.find(({ item }) => !isObject(item));
    if (bad) return { ok: false, message: `Item ${bad.place} is not an object.` };
    const rows = list.flatMap(({ item }) => (isObject(item) ? [item] : []));
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return { ok: true, table: { columns, rows, unit: "Item", places: list.map(({ place }) => place) } };
  } catch (error) {
    return { ok: false, message: `Not valid JSON: ${error instanceof Error ? error.message : ""}` };
  }
}

type Item = { item: unknown; place: number };

/** A list, the list in an answer of the API, one object, or one object in each line. */
function listOf(source: string): Item[] {
  const lines = source
    .split("\n")
    .map((line, index) => ({ line, place: index + 1 }))
    .filter(({ line }) => line.trim() !== "");
  const oneEach = source.startsWith("{") && lines.length > 1 && lines.every(({ line }) => /^\s*\{.*\}\s*$/.test(line));
  if (oneEach) return lines.map(({ line, place }) => ({ item: JSON.parse(line), place }));
  const whole: unknown = JSON.parse(source);
  const items = isObject(whole) ? whole["items"] : whole;
  const list: unknown[] = Array.isArray(items) ? items : [whole];
  return list.map((item, index) => ({ item, place: index + 1 }));
}

/** Fields that a file can fill; the server sets times of its own, whatever is sent. */
export function importableFields(collection: Collection): Field[] {
  return collection.fields.filter(
    (field) =>
      field.type !== "file" &&
      field.type !== "autodate" &&
      !(field.system && field.hidden && field.type !== "password"),
  );
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Columns go to the fields of the same name, whatever the case; no two to one. */
export function guessMapping(columns: string[], fields: Field[]): Record<string, string> {
  const taken = new Set<string>();
  return Object.fromEntries(
    columns.map((column) => {
      const exact = fields.find((field) => field.name === column);
      const found =
        exact ?? fields.find((field) => plain(field.name) === plain(column) && !columns.includes(field.name));
      if (!found || taken.has(found.name)) return [column, ""];
      taken.add(found.name);
      return [column, found.name];
    }),
  );
}

/** A field is filled by the column that was chosen for it last. */
export function chooseColumn(mapping: Record<string, string>, column: string, field: string): Record<string, string> {
  const others = Object.entries(mapping).map(([other, to]) => [other, to === field ? "" : to]);
  return { ...Object.fromEntries(others), [column]: field };
}

/** The texts that stand for records, by the id of their collection. */
export type Wanted = Record<string, string[]>;

/** What the file needs to know. Its own rows can be referred to by the ids they bring along. */
export function wantedRecords(table: Table, mapping: Record<string, string>, collection: Collection): Wanted {
  const own = new Set(table.rows.map((row) => toText(row["id"])));
  const out: Record<string, Set<string>> = {};
  for (const field of importableFields(collection)) {
    const column = table.columns.find((name) => mapping[name] === field.name);
    if (field.type !== "relation" || column === undefined) continue;
    const texts = (out[field.collectionId] ??= new Set());
    for (const text of table.rows.flatMap((row) => textsOf(field, row[column])))
      if (field.collectionId !== collection.id || !own.has(text)) texts.add(text);
  }
  return Object.fromEntries(Object.entries(out).map(([id, texts]) => [id, [...texts]]));
}

export type LineProblem = { line: number; message: string };
/** A text that is taken for a choice which is written otherwise. */
export type Respelt = { field: string; from: string; to: string };
export type Prepared = {
  bodies: { line: number; body: Record<string, unknown> }[];
  problems: LineProblem[];
  respelt: Respelt[];
};

/** Turns rows into request bodies and says what the server would refuse, as far as that can be known here. */
export function prepare(
  table: Table,
  mapping: Record<string, string>,
  collection: Collection,
  reading: Reading,
): Prepared {
  const fields = importableFields(collection);
  const commas = new Set(table.columns.filter((column) => table.rows.some((row) => usesComma(row[column]))));
  const out: Prepared = { bodies: [], problems: [], respelt: [] };
  const respelt = new Map<string, Respelt>();
  for (const [index, row] of table.rows.entries()) {
    const line = table.places[index] ?? index + 1;
    const body: Record<string, unknown> = {};
    const wrong: string[] = [];
    for (const [column, name] of Object.entries(mapping)) {
      const field = fields.find((candidate) => candidate.name === name);
      if (!field) continue;
      const value = valueOf(field, row[column], commas.has(column), reading);
      if (value.ok) {
        body[name] = value.value;
        for (const [from, to] of value.respelt ?? []) respelt.set(`${name} ${from}`, { field: name, from, to });
      } else wrong.push(`${name}: ${value.message}`);
    }
    for (const field of fields) {
      if (!requires(field)) continue;
      const value = body[field.name];
      if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0))
        wrong.push(`${field.name}: is required`);
    }
    if (collection.type === "auth" && body["password"] !== undefined) body["passwordConfirm"] = body["password"];
    if (wrong.length > 0) out.problems.push({ line, message: wrong.join("; ") });
    else out.bodies.push({ line, body });
  }
  out.respelt.push(...respelt.values());
  return out;
}

function requires(field: Field): boolean {
  return field.type !== "autodate" && field.required && !field.system;
}
