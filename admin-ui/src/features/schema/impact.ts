import type { Collection, Field } from "@/api/types";
import { lex } from "@/lib/expr/lex";
import { renameInView } from "./view-rename";

/** Something elsewhere that names what is being renamed or removed. */
export type Reference = {
  id: string;
  collection: Collection;
  key: RuleKey | "viewQuery";
  before: string;
  /** The text with the new name; `null` when only a person can say what should stand there. */
  after: string | null;
  /** What it names, in words. */
  names: string;
};

export type RuleKey = "listRule" | "viewRule" | "createRule" | "updateRule" | "deleteRule" | "authRule" | "manageRule";
export const ruleKeys: RuleKey[] = [
  "listRule",
  "viewRule",
  "createRule",
  "updateRule",
  "deleteRule",
  "authRule",
  "manageRule",
];

type Change = { renamed: Map<string, string>; removed: Set<string>; name: string | null };

function changeOf(base: Collection, draft: Collection): Change {
  const renamed = new Map<string, string>();
  const removed = new Set<string>();
  for (const field of base.fields) {
    const next = draft.fields.find((candidate) => candidate.id === field.id);
    if (!next) removed.add(field.name);
    else if (next.name !== field.name) renamed.set(field.name, next.name);
  }
  return { renamed, removed, name: base.name === draft.name ? null : draft.name };
}

/** Rules and views that stop working, or mean something else, once a change is applied. */
export function impactOf(base: Collection, draft: Collection, all: Collection[]): Reference[] {
  const change = changeOf(base, draft);
  if (change.renamed.size === 0 && change.removed.size === 0 && change.name === null) return [];
  const out: Reference[] = [];
  for (const known of all) {
    // Rules of the collection itself are looked at as they are about to be saved.
    const collection = known.id === base.id ? draft : known;
    for (const key of ruleKeys) {
      const before = collection[key];
      if (!before) continue;
      const found = ruleHits(before, known, base, change, all);
      if (found.length === 0) continue;
      const after = found.some((hit) => hit.to === null) ? null : rewrite(before, found);
      out.push({ id: `${known.id} ${key}`, collection: known, key, before, after, names: namesOf(found) });
    }
    if (known.type === "view" && known.id !== base.id && known.viewQuery) {
      const found = renameInView(known.viewQuery, base.name, change);
      if (found)
        out.push({ id: `${known.id} view`, collection: known, key: "viewQuery", before: known.viewQuery, ...found });
    }
  }
  return out;
}

type Hit = { from: number; to: string | null; length: number; name: string };

function ruleHits(rule: string, owner: Collection, base: Collection, change: Change, all: Collection[]): Hit[] {
  return lex(rule)
    .filter((token) => token.kind === "identifier")
    .flatMap((token) => identifierHits(token.text, token.from, owner, base, change, all));
}

/** Walks a path such as `author.team.name` from collection to collection. */
function identifierHits(
  text: string,
  offset: number,
  owner: Collection,
  base: Collection,
  change: Change,
  all: Collection[],
): Hit[] {
  const hits: Hit[] = [];
  let at: Collection | undefined = owner;
  let position = offset;
  const parts = text.split(".");
  for (const [index, part] of parts.entries()) {
    const name = part.split(":")[0] ?? part;
    const from = position;
    position += part.length + 1;
    if (index === 0 && name === "@request") {
      if (parts[1] === "auth") at = base.type === "auth" ? base : undefined;
      else if (parts[1] !== "body") return hits;
      continue;
    }
    if (index === 1 && parts[0] === "@request") continue;
    if (index === 0 && name === "@collection") continue;
    if (index === 1 && parts[0] === "@collection") {
      at = all.find((known) => known.name === name);
      if (at?.id === base.id && change.name !== null) hits.push({ from, length: name.length, to: change.name, name });
      continue;
    }
    if (name.startsWith("@")) return hits;
    const back = /^(\w+)_via_(\w+)$/.exec(name);
    if (back?.[1] && back[2]) {
      at = all.find((known) => known.name === back[1]);
      if (at?.id === base.id) hits.push(...backHits(back[1], back[2], from, change));
      continue;
    }
    const field: Field | undefined = at?.fields.find((candidate) => candidate.name === name);
    if (at?.id === base.id) hits.push(...fieldHits(name, from, change));
    at = field?.type === "relation" ? all.find((known) => known.id === field.collectionId) : undefined;
    if (!at) return hits;
  }
  return hits;
}

function fieldHits(name: string, from: number, change: Change): Hit[] {
  const to = change.renamed.get(name);
  if (to !== undefined) return [{ from, length: name.length, to, name }];
  return change.removed.has(name) ? [{ from, length: name.length, to: null, name }] : [];
}

function backHits(collection: string, field: string, from: number, change: Change): Hit[] {
  const hits = fieldHits(field, from + collection.length + "_via_".length, change);
  if (change.name !== null) hits.unshift({ from, length: collection.length, to: change.name, name: collection });
  return hits;
}

function rewrite(text: string, hits: Hit[]): string {
  return hits
    .toSorted((a, b) => b.from - a.from)
    .reduce((now, hit) => now.slice(0, hit.from) + (hit.to ?? hit.name) + now.slice(hit.from + hit.length), text);
}

function namesOf(hits: Hit[]): string {
  return [...new Set(hits.map((hit) => hit.name))].join(", ");
}
