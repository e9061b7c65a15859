import type { Field, RelationField, SelectField } from "@/api/types";
import { toText } from "@/lib/assert";
import { parseCsvList } from "@/lib/csv";
import { parseTyped, toWire, type Zone } from "@/lib/dates";
import { BadText, choiceOf, readNumber, twoWays } from "@/lib/typed";

/** Ids of records by what a file calls them, by the collection they are in. */
export type Named = ReadonlyMap<string, ReadonlyMap<string, string[]>>;

/** What is needed to read a file: the zone of the times that name none, and the records it refers to once they are known. */
export type Reading = { zone: Zone; named?: Named | undefined };

/** `respelt` are the texts that were taken for choices which are written otherwise, and those. */
type Value = { ok: true; value: unknown; respelt?: [string, string][] } | { ok: false; message: string };

/** Whether decimals come after a comma, as they do in half of the world. */
export function usesComma(raw: unknown): boolean {
  return typeof raw === "string" && /^\s*-?[\d.]+,\d{1,2}\s*$/.test(raw);
}

/** Where a column has commas before its decimals, a point may set apart thousands. */
function numberOf(raw: unknown, text: string, commas: boolean): Value {
  if (typeof raw === "number") return { ok: true, value: raw };
  const read = commas && /^-?[1-9]\d{0,2}\.\d{3}$/.test(text) ? twoWays(text) : readNumber(text);
  return read instanceof BadText
    ? { ok: false, message: read.message.replace(/\.$/, "") }
    : { ok: true, value: read ?? 0 };
}

export function valueOf(field: Field, raw: unknown, commas: boolean, { zone, named }: Reading): Value {
  const text = toText(raw).trim();
  switch (field.type) {
    case "number":
      return numberOf(raw, text, commas);
    case "bool":
      if (/^(true|t|1|yes|y|on)$/i.test(text)) return { ok: true, value: true };
      return /^(|false|f|0|no|n|off)$/i.test(text)
        ? { ok: true, value: false }
        : { ok: false, message: `“${text}” is neither true nor false` };
    case "select": {
      const texts = textsOf(field, raw);
      const list: string[] = [];
      for (const item of texts) {
        const choice = choiceOf(field.values, item);
        if (choice === undefined) return { ok: false, message: `“${item}” is none of the choices` };
        list.push(choice);
      }
      const respelt = texts.flatMap((item, at): [string, string][] =>
        item === list[at] ? [] : [[item, list[at] ?? ""]],
      );
      return { ok: true, value: field.maxSelect > 1 ? list : (list[0] ?? ""), respelt };
    }
    case "relation":
      return recordsOf(field, textsOf(field, raw), named?.get(field.collectionId));
    case "date": {
      if (text === "") return { ok: true, value: "" };
      const date = parseTyped(text, zone);
      return date
        ? { ok: true, value: toWire(date) }
        : { ok: false, message: `“${text}” is not a date like 2026-03-31 or 2026-03-31 14:05` };
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

/** Several values of a cell. */
export function textsOf(field: SelectField | RelationField, raw: unknown): string[] {
  if (Array.isArray(raw)) return raw.map(toText);
  const text = toText(raw).trim();
  if (text === "") return [];
  return field.maxSelect > 1 ? parseCsvList(text) : [text];
}

function recordsOf(field: RelationField, texts: string[], known: ReadonlyMap<string, string[]> | undefined): Value {
  const ids: string[] = [];
  for (const text of texts) {
    // What was not looked for is an id.
    const [id, ...others] = known?.get(text) ?? [text];
    if (id === undefined) return { ok: false, message: `no record is called “${text}”` };
    if (others.length > 0) return { ok: false, message: `${others.length + 1} records are called “${text}”` };
    ids.push(id);
  }
  return { ok: true, value: field.maxSelect > 1 ? ids : (ids[0] ?? "") };
}
