import type { Collection, RelationField } from "@/api/types";
import { isObject } from "@/lib/assert";
import { mergeDeep } from "@/lib/merge-deep";

export type Point = { x: number; y: number };
export type Positions = Record<string, Point>;
export type Edge = { id: string; from: Collection; field: RelationField; to: Collection };

/** A collection that was changed in the diagram, and what it was then. */
export type Edit = { from: Collection; draft: Collection };
/** What is to be applied, on what the collections are now. */
export type Pending = { base: Collection; draft: Collection }[];

/** Edits with what others changed since: the diagram only adds, so there is nothing to ask about. */
export function pendingOf(stored: Collection[], edits: Readonly<Record<string, Edit>>): Pending {
  return stored.flatMap((base) => {
    const edit = edits[base.id];
    return edit ? [{ base, draft: mergeDeep(edit.from, edit.draft, base).value }] : [];
  });
}

export const cardWidth = 220;
export const rowHeight = 22;
export const headHeight = 36;
const mostFields = 8;
const gapX = 110;
const gapY = 36;
/** Lower columns stay in one. */
const leastHigh = 2400;
/** Room for lines above and before everything. */
const margin = 40;

export function readPositions(stored: unknown): Positions {
  if (!isObject(stored)) return {};
  const out: Positions = {};
  for (const [id, at] of Object.entries(stored))
    if (isObject(at) && typeof at["x"] === "number" && typeof at["y"] === "number")
      out[id] = { x: at["x"], y: at["y"] };
  return out;
}

export function edgesOf(collections: Collection[]): Edge[] {
  const byId = new Map(collections.map((collection) => [collection.id, collection]));
  return collections.flatMap((from) =>
    from.fields.flatMap((field): Edge[] => {
      const to = field.type === "relation" ? byId.get(field.collectionId) : undefined;
      return field.type === "relation" && to ? [{ id: `${from.id} ${field.id}`, from, field, to }] : [];
    }),
  );
}

/** Relations come first, then what has room. */
export function shownFields(collection: Collection): { fields: Collection["fields"]; more: number } {
  const own = collection.fields.filter((field) => !(field.system && field.hidden));
  if (own.length <= mostFields) return { fields: own, more: 0 };
  const first = own.toSorted((a, b) => Number(b.type === "relation") - Number(a.type === "relation"));
  const ids = new Set(first.slice(0, mostFields).map((field) => field.id));
  const kept = own.filter((field) => ids.has(field.id));
  return { fields: kept, more: own.length - kept.length };
}

export function heightOf(collection: Collection): number {
  const { fields, more } = shownFields(collection);
  return headHeight + (fields.length + (more > 0 ? 1 : 0)) * rowHeight + 6;
}

/** How much room everything takes. */
export function sizeOf(collections: Collection[], at: Positions): { width: number; height: number } {
  let [width, height] = [600, 400];
  for (const collection of collections) {
    const place = at[collection.id];
    if (!place) continue;
    width = Math.max(width, place.x + cardWidth + 80);
    height = Math.max(height, place.y + heightOf(collection) + 60);
  }
  return { width, height };
}

/** What is written at a line. */
export function labelOf(edge: Edge): string {
  return `${cardinality(edge)}${edge.field.cascadeDelete ? " cascade" : ""}`;
}

/** Where the row of a field is, from the top of its card. */
export function rowOf(collection: Collection, fieldId: string): number {
  const index = shownFields(collection).fields.findIndex((field) => field.id === fieldId);
  return headHeight + (index < 0 ? 0 : index + 0.5) * rowHeight;
}

/**
 * From left to right: what points at something stands before it, as far as circles allow. What has no relation stands behind
 * everything. A column that would be higher than all of it is wide goes on beside itself.
 */
export function layout(collections: Collection[]): Positions {
  const edges = edgesOf(collections).filter((edge) => edge.from.id !== edge.to.id);
  const ranks = ranksOf(collections, edges);
  const related = new Set(edges.flatMap((edge) => [edge.from.id, edge.to.id]));
  const behind = Math.max(-1, ...[...related].map((id) => ranks.get(id) ?? 0)) + 1;
  const columns: Collection[][] = [];
  for (const collection of collections)
    (columns[related.has(collection.id) ? (ranks.get(collection.id) ?? 0) : behind] ??= []).push(collection);
  const room = collections.reduce((sum, collection) => sum + heightOf(collection) + gapY, 0) * (cardWidth + gapX);
  const highest = Math.max(leastHigh, Math.sqrt(room));
  const order = new Map<string, number>();
  const out: Positions = {};
  let x = margin;
  for (const column of columns) {
    const weight = (collection: Collection) => {
      const before = edges.filter((edge) => edge.to.id === collection.id).map((edge) => order.get(edge.from.id) ?? 0);
      return before.length === 0 ? Number.POSITIVE_INFINITY : before.reduce((sum, n) => sum + n, 0) / before.length;
    };
    const sorted = (column ?? []).toSorted((a, b) => weight(a) - weight(b) || (a.name < b.name ? -1 : 1));
    let y = margin;
    for (const [index, collection] of sorted.entries()) {
      if (y > margin && y + heightOf(collection) > highest) {
        y = margin;
        x += cardWidth + gapX;
      }
      order.set(collection.id, index);
      out[collection.id] = { x, y };
      y += heightOf(collection) + gapY;
    }
    x += cardWidth + gapX;
  }
  return out;
}

function ranksOf(collections: Collection[], edges: Edge[]): Map<string, number> {
  const ranks = new Map<string, number>();
  const open = new Set<string>();
  const targets = new Map<string, string[]>();
  for (const edge of edges) targets.set(edge.to.id, [...(targets.get(edge.to.id) ?? []), edge.from.id]);
  const visit = (id: string): number => {
    const known = ranks.get(id);
    if (known !== undefined) return known;
    if (open.has(id)) return -1;
    open.add(id);
    const rank = Math.max(-1, ...(targets.get(id) ?? []).map(visit)) + 1;
    open.delete(id);
    ranks.set(id, rank);
    return rank;
  };
  for (const collection of collections) visit(collection.id);
  return ranks;
}

export function cardinality(edge: Edge): string {
  const unique = edge.from.indexes.some((sql) =>
    new RegExp(`unique[^(]*\\(\\s*[\`"[]?${edge.field.name}\\b[^,]*\\)`, "i").test(sql),
  );
  return edge.field.maxSelect > 1 ? "n:m" : unique ? "1:1" : "n:1";
}

/** Who is one step away, itself included. */
export function neighbours(id: string, edges: Edge[]): Set<string> {
  const near = new Set([id]);
  for (const edge of edges) {
    if (edge.from.id === id) near.add(edge.to.id);
    if (edge.to.id === id) near.add(edge.from.id);
  }
  return near;
}

export function toMermaid(collections: Collection[]): string {
  const lines = collections.map(
    (collection) =>
      `  ${collection.name} {\n${collection.fields.map((field) => `    ${field.type} ${field.name}`).join("\n")}\n  }`,
  );
  const links = edgesOf(collections).map((edge) => {
    const mark = { "n:m": "}o--o{", "1:1": "|o--o|", "n:1": "}o--o|" }[cardinality(edge)] ?? "}o--o|";
    return `  ${edge.from.name} ${mark} ${edge.to.name} : ${edge.field.name}`;
  });
  return `erDiagram\n${[...lines, ...links].join("\n")}\n`;
}
