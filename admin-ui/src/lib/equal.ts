import { isObject } from "./assert";

/** Structural equality of JSON-like values. Files are equal only to themselves. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  if (!isObject(a) || !isObject(b) || isBlob(a) || isBlob(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key], b[key]));
}

function isBlob(value: object): boolean {
  return typeof Blob !== "undefined" && value instanceof Blob;
}

/** Keys whose value differs between two objects. */
export function changedKeys(base: object, mine: object): string[] {
  const before = new Map(Object.entries(base));
  const after = new Map(Object.entries(mine));
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => !equal(before.get(key), after.get(key)));
}
