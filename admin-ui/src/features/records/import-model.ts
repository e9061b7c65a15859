import type { Collection, Field } from "@/api/types";
import { isObject, toText } from "@/lib/assert";
import { parseCsv } from "@/lib/csv";
import { toWire } from "@/lib/dates";

export type Table = { columns: string[]; rows: Record<string, unknown>[] };
export type ReadTable = { ok: true; table: Table } | { ok: false; message: string };

/** CSV, NDJSON or a JSON list, told apart by their first sign. */
export function readTable(text: string): ReadTable {
  const source = text.trim();
  if (source === "") return { ok: false, message: "The file is empty." };
  if (source.startsWith("[") || source.startsWith("{")) return readJson(source);
  const [head, ...body] = parseCsv(text);
  if (!head || body.length === 0)
    return { ok: false, message: "A first line with names and at least one more line are expected." };
  const rows = body.map((cells) => Object.fromEntries(head.map((name, index) => [name.trim(), cells[index] ?? ""])));
  return { ok: true, table: { columns: head.map((name) => name.trim()), rows } };
}

function readJson(source: string): ReadTable {
  const rows: Record<string, unknown>[] = [];
  try {
    const whole: unknown = source.startsWith("[") ? JSON.parse(source) : null;
    const list: unknown[] = Array.isArray(whole)
      ? whole
      : source
          .split("\n")
          .filter((line) => line.trim() !== "")
          .map((line): unknown => JSON.parse(line));
    for (const [index, item] of list.entries()) {
      if (!isObject(item)) return { ok: false, message: `Item ${index + 1} is not an object.` };
      rows.push(item);
    }
  } catch (error) {
    return { ok: false, message: `Not valid JSON: ${error instanceof Error ? error.message : ""}` };
  }
  return { ok: true, table: { columns: [...new Set(rows.flatMap((row) => Object.keys(row)))], rows } };
}

/** Fields that a file can fill. */
export function importableFields(collection: Collection): Field[] {
  return collection.fields.filter(
    (field) => field.type !== "file" && !(field.system && field.hidden && field.type !== "password"),
  );
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Columns go to the fields of the same name, whatever the case. */
export function guessMapping(columns: string[], fields: Field[]): Record<string, string> {
  return Object.fromEntries(
    columns.map((column) => [column, fields.find((field) => plain(field.name) === plain(column))?.name ?? ""]),
  );
}

export type LineProblem = { line: number; message: string };
export type Prepared = { bodies: { line: number; body: Record<string, unknown> }[]; problems: LineProblem[] };

/** Turns rows into request bodies and says what the server would refuse, as far as that can be known here. */
export function prepare(table: Table, mapping: Record<string, string>, collection: Collection): Prepared {
  const fields = importableFields(collection);
  const out: Prepared = { bodies: [], problems: [] };
  for (const [index, row] of table.rows.entries()) {
    const line = index + 2;
    const body: Record<string, unknown> = {};
    const wrong: string[] = [];
    for (const [column, name] of Object.entries(mapping)) {
      const field = fields.find((candidate) => candidate.name === name);
      if (!field) continue;
      const value = valueOf(field, row[column]);
      if (value.ok) body[name] = value.value;
      else wrong.push(`${name}: ${value.message}`);
    }
    for (const field of fields) {
      if (field.type === "autodate" || !field.required || field.system) continue;
      const value = body[field.name];
      if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0))
        wrong.push(`${field.name}: is required`);
    }
    if (collection.type === "auth" && body["password"] !== undefined) body["passwordConfirm"] = body["password"];
    if (wrong.length > 0) out.problems.push({ line, message: wrong.join("; ") });
    else out.bodies.push({ line, body });
  }
  return out;
}

type Value = { ok: true; value: unknown } | { ok: false; message: string };

function valueOf(field: Field, raw: unknown): Value {
  const text = toText(raw).trim();
  switch (field.type) {
    case "number":
      if (text === "") return { ok: true, value: 0 };
      return Number.isFinite(Number(text))
        ? { ok: true, value: Number(text) }
        : { ok: false, message: `“${text}” is not a number` };
    case "bool":
      return { ok: true, value: /^(true|1|yes|y|on)$/i.test(text) };
    case "select":
    case "relation": {
      const list = Array.isArray(raw)
        ? raw.map(toText)
        : text === ""
          ? []
          : field.maxSelect > 1
            ? text.split(/\s*[,|]\s*/)
            : [text];
      const bad = field.type === "select" ? list.find((item) => !field.values.includes(item)) : undefined;
      if (bad !== undefined) return { ok: false, message: `“${bad}” is none of the choices` };
      return { ok: true, value: field.maxSelect > 1 ? list : (list[0] ?? "") };
    }
    case "date": {
      if (text === "") return { ok: true, value: "" };
      const time = Date.parse(text.includes("T") ? text : text.replace(" ", "T"));
      return Number.isNaN(time)
        ? { ok: false, message: `“${text}” is not a date` }
        : { ok: true, value: toWire(new Date(time)) };
    }
    case "json":
    case "geoPoint":
      return jsonValue(raw, text);
    default:
      return { ok: true, value: typeof raw === "string" ? raw : text };
  }
}

function jsonValue(raw: unknown, text: string): Value {
  if (typeof raw !== "string") return { ok: true, value: raw ?? null };
  if (text === "") return { ok: true, value: null };
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch {
    return { ok: false, message: "not valid JSON" };
  }
}
