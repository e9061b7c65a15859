import type { Collection } from "@/api/types";
import { isObject, toText } from "@/lib/assert";
import { renameColumn } from "@/lib/indexes";
import { showValue } from "@/lib/shown";

/**
 * What a plan is asked for: the members that changed. Indexes that only follow a renamed field are given as they were: that
 * they follow is up to the plan, which says so.
 */
export function wantedOf(base: Collection, draft: Collection, patch: Partial<Collection>): Partial<Collection> {
  const { indexes } = meantOf(base, draft);
  const same = indexes.length === base.indexes.length && indexes.every((sql, index) => sql === base.indexes[index]);
  const { indexes: _now, ...rest } = patch;
  return same ? rest : { ...rest, indexes };
}

function words(text: string): string {
  return text.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Where two people changed the same thing, in words: `fields.price.max` is max of the field price. */
export function placeWords(path: string): string {
  const [member = "", name, ...rest] = path.split(".");
  if (member === "fields" && name !== undefined)
    return rest.length === 0 ? `Field ${name}` : `${words(rest.join(", "))} of the field ${name}`;
  return words([member, name, ...rest].filter(Boolean).join(", "));
}

/** One side of such a place; a whole field as its options, without those that say nothing. */
export function sideWords(value: unknown): string {
  if (value === undefined) return "removed";
  if (!isObject(value)) return showValue(value);
  const said = Object.entries(value).filter(
    ([key, option]) => key !== "id" && toText(option) !== "" && option !== false,
  );
  return said.map(([key, option]) => `${words(key)}: ${showValue(option)}`).join(", ");
}

/** The draft as its owner meant it: with the indexes of before where they merely follow. */
export function meantOf(base: Collection, draft: Collection): Collection {
  const before = new Map<string, string>();
  for (const sql of base.indexes) {
    let now = sql;
    for (const field of base.fields) {
      const next = draft.fields.find((candidate) => candidate.id === field.id);
      if (next && next.name !== field.name) now = renameColumn(now, field.name, next.name);
    }
    before.set(now, sql);
  }
  return { ...draft, indexes: draft.indexes.map((sql) => before.get(sql) ?? sql) };
}
