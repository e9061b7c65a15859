import type { Collection, CollectionType, Field } from "@/api/types";
import { equal } from "@/lib/equal";
import { columnName, parseIndex } from "@/lib/indexes";

type Retyped = {
  /** What it began as, and what was made of it. */
  from: Collection;
  mine: Collection;
  /** What a collection of the other type begins as. */
  to: Collection;
  /** What it was when it last had a type. */
  before: Partial<Record<CollectionType, Collection>>;
};

/** Name, fields, indexes and rules stay when a new collection becomes one of another type; what only a type has waits for it. */
export function carriedOver({ from, mine, to, before }: Retyped): Collection {
  const known = before[to.type];
  // A view has no fields of its own: those of before come back with the type.
  const table = mine.type === "view" ? (before.base ?? before.auth) : mine;
  const next: Collection = { ...(known ?? to), name: mine.name };
  for (const [key, value] of Object.entries(mine))
    if (key.endsWith("Rule") && key in to && !equal(value, valueOf(from, key))) Reflect.set(next, key, value);
  if (to.type === "view" || table === undefined) return next;
  const system = to.fields
    .filter((field) => field.system)
    .map((field) => [...table.fields, ...(known?.fields ?? [])].find((other) => same(other, field)) ?? field);
  const own = table.fields.filter((field) => !field.system);
  const indexes = table.indexes.filter((sql) => parseIndex(sql)?.columns.every((column) => names(own, column)) ?? true);
  return { ...next, fields: [...system, ...own], indexes: [...to.indexes, ...indexes] };
}

function same(a: Field, b: Field): boolean {
  return a.system && a.name === b.name && a.type === b.type;
}

/** An index over what the type itself has belongs to the type. */
function names(own: Field[], column: string): boolean {
  return column === "" || own.some((field) => columnName(column) === field.name);
}

function valueOf(of: Collection, key: string): unknown {
  return Object.entries(of).find(([name]) => name === key)?.[1];
}
