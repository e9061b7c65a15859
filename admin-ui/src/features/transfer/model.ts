import type { Collection } from "@/api/types";
import { isObject } from "@/lib/assert";
import { checkJson } from "@/lib/json";
import { count } from "@/lib/words";

export type DiffLines = (base: Collection, draft: Collection) => { key: string; text: string; loss?: unknown }[];

export type Named = Partial<Collection> & { name: string };
export type ReadSchema = { ok: true; collections: Named[] } | { ok: false; message: string };

/** Accepts what an export gives: a list of collections, or an object that holds one. */
export function readSchema(text: string): ReadSchema {
  const checked = checkJson(text);
  if (!checked.ok) return { ok: false, message: checked.message };
  const list = isObject(checked.value) ? checked.value["collections"] : checked.value;
  if (!Array.isArray(list)) return { ok: false, message: "A list of collections is expected." };
  if (list.length === 0) return { ok: false, message: "The list is empty." };
  const nameless = list.findIndex((item) => !isCollection(item));
  if (nameless >= 0) return { ok: false, message: `Item ${nameless + 1} is not a collection: it has no name.` };
  return { ok: true, collections: list.filter(isCollection) };
}

function isCollection(item: unknown): item is Named {
  return isObject(item) && typeof item["name"] === "string" && item["name"] !== "";
}

export type PlanItem = { name: string; lines: string[] };
export type ImportPlan = {
  added: PlanItem[];
  changed: PlanItem[];
  same: string[];
  /** Collections the file does not have. System collections are never among them. */
  missing: Collection[];
  /** Fields that only go when missing ones are deleted. */
  missingFields: { collection: Collection; fields: string[] }[];
};

/** What an import would do. Matches like the server: by id, else by name; a merge keeps fields the file does not have. */
export function planImport(now: Collection[], wanted: Named[], changesOf: DiffLines): ImportPlan {
  const plan: ImportPlan = { added: [], changed: [], same: [], missing: [], missingFields: [] };
  const met = new Set<string>();
  for (const item of wanted) {
    const base = now.find((known) => known.id === item.id) ?? now.find((known) => known.name === item.name);
    if (!base) {
      plan.added.push({
        name: item.name,
        lines: (item.fields ?? []).map((field) => `${field.name} (${field.type})`),
      });
      continue;
    }
    met.add(base.id);
    const next = merged(base, item);
    const gone = base.fields.filter((field) => !field.system && !item.fields?.some((other) => sameField(other, field)));
    if (item.fields && gone.length > 0)
      plan.missingFields.push({ collection: base, fields: gone.map((field) => field.name) });
    const lines = changesOf(base, next).map((change) => change.text);
    if (lines.length === 0) plan.same.push(base.name);
    else plan.changed.push({ name: base.name, lines });
  }
  plan.missing = now.filter((known) => !met.has(known.id) && !known.system);
  return plan;
}

export type ImportChange = { key: string; sign: "+" | "−" | "~"; text: string; detail?: string };

/** The plan in words: what is new, what changes and, if that is wanted, what goes. */
export function importChanges(plan: ImportPlan, deleteMissing: boolean): ImportChange[] {
  const goes = deleteMissing ? plan : { missing: [], missingFields: [] };
  return [
    ...plan.added.map(({ name, lines }) => ({
      key: `+${name}`,
      sign: "+" as const,
      text: `New collection ${name}`,
      detail: lines.join(" · "),
    })),
    ...plan.changed.map(({ name, lines }) => ({
      key: `~${name}`,
      sign: "~" as const,
      text: `Change ${name}`,
      detail: lines.join(" · "),
    })),
    ...goes.missing.map(({ name }) => ({ key: `-${name}`, sign: "−" as const, text: `Delete collection ${name}` })),
    ...goes.missingFields.map(({ collection, fields }) => ({
      key: `-${collection.name} fields`,
      sign: "−" as const,
      text: `Delete ${count(fields.length, "field")} of ${collection.name}`,
      detail: fields.join(", "),
    })),
  ];
}

function sameField(
  a: { id?: string; name: string; type: string },
  b: { id: string; name: string; type: string },
): boolean {
  return a.id === b.id || (a.name === b.name && a.type === b.type);
}

function merged(base: Collection, item: Partial<Collection>): Collection {
  const fields = (item.fields ?? []).map((field) => {
    const known = base.fields.find((other) => sameField(field, other));
    return known ? { ...field, id: known.id } : field;
  });
  const kept = base.fields.filter((field) => !fields.some((other) => other.id === field.id));
  return { ...base, ...item, id: base.id, fields: item.fields ? [...fields, ...kept] : base.fields };
}
