import { presentableFields, searchableFields } from "@/api/presentable";
import type { Collection, Field } from "@/api/types";
import type { Known } from "@/lib/expr/complete";
import { isPlainTerm } from "@/lib/expr/lex";
import { anyOf, literal, parseSort } from "@/lib/keyset";

/** What of a table stands in the address. */
export type RecordsSearch = { filter: string; sort: string; record: string };

/** What stands in the filter bar, in the server's language: words are searched in every text-like field. */
export function toFilter(text: string, collection: Collection): string {
  if (!isPlainTerm(text)) return text;
  const names = searchableFields(collection);
  return anyOf((names.length > 0 ? names : ["id"]).map((name) => `${name} ~ ${literal(text.trim())}`));
}

export function knownFields(collection: Collection): Known[] {
  return listedFields(collection).map((field) => ({
    name: field.name,
    detail: field.type,
    ...(field.type === "select"
      ? { values: field.values }
      : field.type === "bool"
        ? { values: ["true", "false"] }
        : {}),
  }));
}

/** Fields that can be a column: secrets of the system are none. */
export function listedFields(collection: Collection): Field[] {
  return collection.fields.filter((field) => !(field.system && field.hidden));
}

/** The column that names a record comes first and stays; the others follow in the order of the schema, ids and dates last. */
export function columnFields(collection: Collection): Field[] {
  const fields = listedFields(collection);
  const identity = presentableFields(collection)[0] ?? fields.find((field) => field.name === "id");
  const rank = (field: Field) => (field === identity ? 0 : field.name === "id" ? 1 : field.type === "autodate" ? 3 : 2);
  return fields.toSorted((a, b) => rank(a) - rank(b));
}

/** Only what is shown is asked for; long texts come shortened. */
export function fieldsParam(collection: Collection, shown: Field[], sort: string): string {
  const names = new Set(["id", "collectionId", "collectionName", "expand"]);
  for (const key of parseSort(sort)) if (!key.field.startsWith("@")) names.add(key.field);
  for (const field of [...presentableFields(collection), ...shown]) {
    if (field.name !== "id") names.add(field.type === "editor" ? `${field.name}:excerpt(200,true)` : field.name);
  }
  return [...names].join(",");
}

export function expandParam(shown: Field[]): string {
  return shown
    .filter((field) => field.type === "relation")
    .map((field) => field.name)
    .join(",");
}

/** The records before and after one in the list. */
export function neighboursOf(ids: string[], id: string): { previous: string | null; next: string | null } {
  const at = ids.indexOf(id);
  return at < 0 ? { previous: null, next: null } : { previous: ids[at - 1] ?? null, next: ids[at + 1] ?? null };
}
