import { isObject, toText } from "@/lib/assert";
import { htmlToText } from "@/lib/html";
import { columnName, parseIndex } from "@/lib/indexes";
import type { Collection, Field, RecordRow } from "./types";

const likely = ["title", "name", "label", "subject", "username", "email", "slug", "key", "code"];
const textual = new Set(["text", "email", "url", "editor", "select", "number", "date"]);

/** The fields that name a record: those marked presentable, else the one that looks like a name. */
export function presentableFields(collection: Pick<Collection, "fields">): Field[] {
  const marked = collection.fields.filter((field) => field.presentable && !field.hidden);
  if (marked.length > 0) return marked;
  const usable = collection.fields.filter((field) => textual.has(field.type) && !field.hidden && field.name !== "id");
  const named = likely.map((name) => usable.find((field) => field.name.toLowerCase() === name)).find(Boolean);
  return named ? [named] : [];
}

export function recordTitle(collection: Pick<Collection, "fields"> | undefined, record: RecordRow): string {
  const parts = collection ? presentableFields(collection).map((field) => titlePart(field, record)) : [];
  const title = parts.filter((part) => part !== "").join(" ");
  return title === "" ? record.id : title.length > 120 ? `${title.slice(0, 119)}…` : title;
}

function titlePart(field: Field, record: RecordRow): string {
  const value = record[field.name];
  const expanded = record.expand?.[field.name];
  if (field.type === "relation" && expanded) {
    return (Array.isArray(expanded) ? expanded : [expanded]).map((row) => firstText(row)).join(", ");
  }
  if (field.type === "editor") return htmlToText(toText(value));
  if (field.type === "geoPoint" && isObject(value)) {
    const place = `${toText(value["lat"])}, ${toText(value["lon"])}`;
    return place === "0, 0" ? "" : place;
  }
  return Array.isArray(value) ? value.map(toText).join(", ") : toText(value);
}

function firstText(row: RecordRow): string {
  for (const name of likely) {
    const value = row[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return row.id;
}

/** What people call a record by in a file: what presents it, what looks like a name, and what no two records share. */
export function namingFields(collection: Pick<Collection, "fields" | "indexes">): string[] {
  const unique = new Set(collection.indexes.map(onlyColumn));
  const presenting = presentableFields(collection);
  return collection.fields
    .filter((field) => ["text", "email", "url"].includes(field.type) && !field.hidden && field.name !== "id")
    .filter(
      (field) => presenting.includes(field) || likely.includes(field.name.toLowerCase()) || unique.has(field.name),
    )
    .map((field) => field.name);
}

/** The one column whose values an index keeps apart. */
function onlyColumn(sql: string): string | null {
  const index = parseIndex(sql);
  const [column, ...others] = index?.unique ? index.columns : [];
  return column !== undefined && others.length === 0 ? columnName(column) : null;
}

/** Fields a plain word is searched in. */
export function searchableFields(collection: Collection): string[] {
  const kinds = new Set(["text", "email", "url", "editor", "select", "json"]);
  return collection.fields
    .filter((field) => kinds.has(field.type) && !(field.hidden && field.system))
    .map((field) => field.name);
}
