import type { Collection, Field, FieldType } from "@/api/types";
import { freshId } from "@/fields/fresh-id";
import { kinds, newField } from "@/fields/registry";
import { isObject } from "@/lib/assert";
import { equal } from "@/lib/equal";
import { columnName, formatIndex, parseIndex, renameColumn } from "@/lib/indexes";
import { redact } from "@/lib/redact";
import { listWords } from "@/lib/words";

/** The pure side of the schema editor: every edit is a new collection. */

export function addField(collection: Collection, type: FieldType): { fields: Field[]; added: Field } {
  const taken = new Set(collection.fields.map((field) => field.name.toLowerCase()));
  let name: string = type;
  for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${type}${n}`;
  const added = newField(type, name, freshId(type));
  // Dates the server sets stay last, where people look for them.
  const tail =
    type === "autodate"
      ? collection.fields.length
      : collection.fields.findLastIndex((field) => field.type !== "autodate") + 1;
  return { added, fields: [...collection.fields.slice(0, tail), added, ...collection.fields.slice(tail)] };
}

/** Indexes follow a rename, so that it does not break them. */
export function renameField(collection: Collection, id: string, name: string): Pick<Collection, "fields" | "indexes"> {
  const before = collection.fields.find((field) => field.id === id);
  const fields = collection.fields.map((field) => (field.id === id ? { ...field, name } : field));
  const usable = before && /^\w+$/.test(before.name) && /^\w+$/.test(name);
  const indexes = usable ? collection.indexes.map((sql) => renameColumn(sql, before.name, name)) : collection.indexes;
  return { fields, indexes };
}

export function replaceField(fields: Field[], next: Field): Field[] {
  return fields.map((field) => (field.id === next.id ? next : field));
}

export function moveField(fields: Field[], id: string, by: -1 | 1): Field[] {
  const from = fields.findIndex((field) => field.id === id);
  const to = from + by;
  const moved = fields[from];
  if (!moved || to < 0 || to >= fields.length) return fields;
  const next = fields.filter((field) => field.id !== id);
  next.splice(to, 0, moved);
  return next;
}

/** Removed fields stay visible until the change is applied. */
export function removedFields(base: Collection, draft: Collection): Field[] {
  return base.fields.filter((field) => !draft.fields.some((kept) => kept.id === field.id));
}

/** The rule of names, checked before the server is asked. */
export function nameProblem(name: string, taken: string[]): string | null {
  if (name === "") return null;
  if (!/^\w+$/.test(name)) return "Only letters, digits and _ are allowed.";
  if (/_via_/i.test(name)) return "The name can't contain _via_.";
  return taken.some((other) => other.toLowerCase() === name.toLowerCase()) ? `There already is a ${name}.` : null;
}

/** The type and what matters most about it, on one line. */
export function summaryOf(field: Field, collections: Collection[]): string {
  const { label } = kinds[field.type];
  switch (field.type) {
    case "relation": {
      const target = collections.find((collection) => collection.id === field.collectionId)?.name ?? "?";
      return `${field.maxSelect > 1 ? "Many" : "One"} → ${target}`;
    }
    case "select":
      return field.values.length === 0 ? "Select" : `${field.maxSelect > 1 ? "Many" : "One"} of ${field.values.length}`;
    case "file":
      return `${field.maxSelect > 1 ? `Up to ${field.maxSelect} files` : "File"}${field.protected ? ", protected" : ""}`;
    case "number":
      return field.onlyInt ? "Whole number" : label;
    default:
      return label;
  }
}

export function isUnique(collection: Collection, field: Field): boolean {
  return collection.indexes.some((sql) => isUniqueOn(sql, field));
}

/** An index that keeps the values of this one field unique. */
export function isUniqueOn(sql: string, field: Field): boolean {
  const parts = parseIndex(sql);
  return parts?.unique === true && parts.columns.length === 1 && columnName(parts.columns[0] ?? "") === field.name;
}

export function isIndexed(collection: Collection, field: Field): boolean {
  return collection.indexes.some((sql) => parseIndex(sql)?.columns.some((column) => columnName(column) === field.name));
}

export function newIndex(collection: Collection, column: string, unique: boolean): string {
  const [n] = crypto.getRandomValues(new Uint32Array(1));
  const suffix = (n ?? 0).toString(36).padStart(7, "0");
  return formatIndex({ name: `idx_${suffix}`, unique, table: collection.name, columns: [column], where: "" });
}

export type Change = {
  key: string;
  sign: "+" | "−" | "~";
  text: string;
  detail?: string;
  loss?: Field;
  /** What programs that use the API notice. */
  api?: string;
};

/** What would change, in words. */
export function changesOf(base: Collection, draft: Collection): Change[] {
  const out: Change[] = [];
  if (base.name !== draft.name)
    out.push({
      key: "name",
      sign: "~",
      text: `Rename collection ${base.name} to ${draft.name}`,
      api: `/api/collections/${base.name} answers 404; the address is /api/collections/${draft.name} now.`,
    });
  for (const field of removedFields(base, draft)) {
    out.push({
      key: `-${field.id}`,
      sign: "−",
      text: `Remove field ${field.name}`,
      detail: kinds[field.type].label,
      loss: field,
      api: `${base.name}.${field.name} is no longer sent, and ignored where it is received.`,
    });
  }
  for (const field of draft.fields) {
    const before = base.fields.find((candidate) => candidate.id === field.id);
    if (!before)
      out.push({ key: `+${field.id}`, sign: "+", text: `Add field ${field.name}`, detail: kinds[field.type].label });
    else out.push(...fieldChanges(base.name, before, field));
  }
  if (orderOf(base, draft) !== orderOf(draft, base))
    out.push({ key: "order", sign: "~", text: "Change the order of fields" });
  for (const sql of base.indexes)
    if (!draft.indexes.includes(sql)) out.push({ key: `-${sql}`, sign: "−", text: "Remove index", detail: sql });
  for (const sql of draft.indexes)
    if (!base.indexes.includes(sql)) out.push({ key: `+${sql}`, sign: "+", text: "Add index", detail: sql });
  return [...out, ...settingChanges(base, draft)];
}

function fieldChanges(collection: string, before: Field, after: Field): Change[] {
  const out: Change[] = [];
  if (before.name !== after.name) {
    out.push({
      key: `~${after.id} name`,
      sign: "~",
      text: `Rename field ${before.name} to ${after.name}`,
      api: `${collection}.${before.name} is ${after.name} now: who reads the old name gets nothing, and what is sent under it is ignored.`,
    });
  }
  const old = new Map<string, unknown>(Object.entries(before));
  const changed = Object.entries(after).filter(([key, value]) => key !== "name" && !equal(value, old.get(key)));
  if (changed.length > 0) {
    const steps = changed.map(([key, value]) => `${key}: ${show(old.get(key))} → ${show(value)}`);
    out.push({
      key: `~${after.id}`,
      sign: "~",
      text: `Change ${listWords(changed.map(([key]) => key))} of ${after.name}`,
      detail: steps.join(" · "),
    });
  }
  return out;
}

function orderOf(collection: Collection, other: Collection): string {
  const shared = new Set(other.fields.map((field) => field.id));
  return collection.fields
    .filter((field) => shared.has(field.id))
    .map((field) => field.id)
    .join();
}

const listed = new Set(["id", "name", "fields", "indexes", "created", "updated", "type", "system"]);

function settingChanges(base: Collection, draft: Collection): Change[] {
  const old = new Map<string, unknown>(Object.entries(base));
  return Object.entries(draft)
    .filter(([key, value]) => !listed.has(key) && !equal(value, old.get(key)))
    .map(([key, value]): Change => {
      const before = old.get(key);
      if (key.endsWith("Rule")) {
        return { key, sign: "~", text: `Change ${words(key)}`, detail: `${showRule(before)} → ${showRule(value)}` };
      }
      const detail = leafChanges(key, redact(before), redact(value)).slice(0, 12).join(" · ");
      return { key, sign: "~", text: `Change ${words(key)}`, detail };
    });
}

/** Says what changed deep inside options, one place at a time. */
function leafChanges(path: string, before: unknown, after: unknown): string[] {
  if (equal(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => leafChanges(key, before[key], after[key]));
  }
  return [`${path}: ${short(show(before))} → ${short(show(after))}`];
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function words(key: string): string {
  return key.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

function showRule(rule: unknown): string {
  return rule === null ? "superusers only" : rule === "" ? "everyone" : String(rule);
}

function show(value: unknown): string {
  if (value === "" || value === null || value === undefined) return "none";
  if (Array.isArray(value))
    return value.length === 0
      ? "none"
      : value.map((item) => (isObject(item) ? String(item["name"] ?? JSON.stringify(item)) : String(item))).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Messages below a path, with the path cut off. */
export function errorsUnder(errors: Record<string, string>, prefix: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [path, message] of Object.entries(errors)) {
    if (path.startsWith(`${prefix}.`)) out[path.slice(prefix.length + 1)] = message;
  }
  return out;
}
