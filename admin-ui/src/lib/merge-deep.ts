import { isObject, isString } from "./assert";
import { equal } from "./equal";
import { mergeSets, type Conflict, type Sides } from "./merge3";

/**
 * Three-way merge of documents, to the depth of them: lists of plain values merge as sets, lists of things with an id or a name
 * one thing after the other, and other lists as a whole. `conflicts` are the places both sides changed; until `sides` says
 * otherwise they have mine.
 */
export function mergeDeep<T extends object>(base: T, mine: T, theirs: T, sides: Sides = {}) {
  const conflicts: Conflict[] = [];
  const value: T = { ...theirs };
  const merged = mergeObjects(entriesOf(base), entriesOf(mine), entriesOf(theirs), "", { conflicts, sides });
  for (const key of Object.keys(value)) if (!(key in merged)) Reflect.deleteProperty(value, key);
  for (const [key, member] of Object.entries(merged)) Reflect.set(value, key, member);
  return { value, conflicts };
}

type Context = { conflicts: Conflict[]; sides: Sides };
type Members = Record<string, unknown>;

function entriesOf(of: object): Members {
  return Object.fromEntries(Object.entries(of));
}

function mergeObjects(base: Members, mine: Members, theirs: Members, path: string, context: Context): Members {
  const out: Members = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const joined = join(base[key], mine[key], theirs[key], path === "" ? key : `${path}.${key}`, context);
    if (joined !== undefined) out[key] = joined;
  }
  return out;
}

/** `undefined` stands for what is not there. */
function join(base: unknown, mine: unknown, theirs: unknown, path: string, context: Context): unknown {
  if (equal(base, mine) || equal(mine, theirs)) return theirs;
  if (equal(base, theirs)) return mine;
  if (isObject(mine) && isObject(theirs)) return mergeObjects(isObject(base) ? base : {}, mine, theirs, path, context);
  if (isList(base) && isList(mine) && isList(theirs)) {
    if ([base, mine, theirs].every((list) => list.every(isString)))
      return mergeSets(base.filter(isString), mine.filter(isString), theirs.filter(isString));
    const key = ["id", "name"].find((name) => [base, mine, theirs].every((list) => isKeyed(list, name)));
    if (key !== undefined) return mergeKeyed(key, [base, mine, theirs], path, context);
  }
  context.conflicts.push({ key: path, base, mine, theirs });
  return context.sides[path] === "theirs" ? theirs : mine;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function keyOf(item: unknown, key: string): string {
  const value = isObject(item) ? item[key] : undefined;
  return isString(value) ? value : "";
}

function isKeyed(list: unknown[], key: string): boolean {
  const keys = list.map((item) => keyOf(item, key));
  return keys.every((value) => value !== "") && new Set(keys).size === keys.length;
}

function mergeKeyed(key: string, lists: [unknown[], unknown[], unknown[]], path: string, context: Context): unknown[] {
  const [base, mine, theirs] = lists.map((list) => new Map(list.map((item) => [keyOf(item, key), item])));
  const keys = lists.map((list) => list.map((item) => keyOf(item, key)));
  const merged = new Map<string, unknown>();
  for (const id of new Set(keys.flat())) {
    const named = [mine, theirs, base].map((side) => keyOf(side?.get(id), "name")).find((name) => name !== "");
    const joined = join(base?.get(id), mine?.get(id), theirs?.get(id), `${path}.${named ?? id}`, context);
    if (joined !== undefined) merged.set(id, joined);
  }
  return orderOf(keys[0] ?? [], keys[1] ?? [], keys[2] ?? [])
    .filter((id) => merged.has(id))
    .map((id) => merged.get(id));
}

/** The order of whoever changed it; what the other side added stands behind what it stood behind there. */
function orderOf(base: string[], mine: string[], theirs: string[]): string[] {
  const kept = (list: string[]) => list.filter((id) => base.includes(id));
  const before = (list: string[]) => base.filter((id) => list.includes(id));
  const moved = !equal(kept(mine), before(mine));
  const [lead, other] = moved ? [mine, theirs] : [theirs, mine];
  const out = [...lead];
  for (const [index, id] of other.entries()) {
    if (out.includes(id)) continue;
    const previous = other.slice(0, index).findLast((candidate) => out.includes(candidate));
    out.splice(previous === undefined ? 0 : out.indexOf(previous) + 1, 0, id);
  }
  return out;
}

/** Parts of an object, to the depth of it. */
export type DeepPartial<T> = { [K in keyof T]?: T[K] extends unknown[] | undefined ? T[K] : DeepPartial<T[K]> };

/** The members that are to be changed for `before` to become `after`; lists are given as a whole. */
export function changesIn<T extends object>(before: T, after: T): DeepPartial<T> {
  const out: DeepPartial<T> = {};
  const old = entriesOf(before);
  for (const [key, value] of Object.entries(after)) {
    if (equal(old[key], value)) continue;
    Reflect.set(out, key, isObject(value) && isObject(old[key]) ? changesIn(old[key], value) : value);
  }
  return out;
}
