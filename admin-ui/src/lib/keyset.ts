/** Paging by key ranges: page n holds the rows after one key and up to the next, so it stays put while others insert. */
export type SortKey = { field: string; desc: boolean };
export type Cursor = { value: string | number | boolean; id: string };

export function parseSort(sort: string): SortKey[] {
  return sort
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => ({ field: part.replace(/^[+-]/, ""), desc: part.startsWith("-") }));
}

export function formatSort(keys: SortKey[]): string {
  return keys.map((key) => (key.desc ? "-" : "") + key.field).join(",");
}

/** The order of rows with equal keys is settled by id, in the same direction. */
export function keysetSort(key: SortKey): string {
  const sign = key.desc ? "-" : "";
  return key.field === "id" ? `${sign}id` : `${sign}${key.field},${sign}id`;
}

/** Rows strictly after `after` and not beyond `upTo`. */
export function rangeFilter(key: SortKey, after: Cursor | null, upTo: Cursor | null): string {
  return allOf([after ? bound(key, after, false) : "", upTo ? bound(key, upTo, true) : ""]);
}

/** This row and everything that follows it. */
export function fromCursor(key: SortKey, cursor: Cursor): string {
  return bound(reversed(key), cursor, true);
}

/** Everything before this row. */
export function beforeCursor(key: SortKey, cursor: Cursor): string {
  return bound(reversed(key), cursor, false);
}

export function reversed(key: SortKey): SortKey {
  return { ...key, desc: !key.desc };
}

function bound(key: SortKey, cursor: Cursor, upper: boolean): string {
  const forward = key.desc !== upper ? "<" : ">";
  const equal = upper ? "=" : "";
  const id = literal(cursor.id);
  if (key.field === "id") return `id ${forward}${equal} ${id}`;
  const value = literal(cursor.value);
  return `(${key.field} ${forward} ${value} || (${key.field} = ${value} && id ${forward}${equal} ${id}))`;
}

export function literal(value: string | number | boolean): string {
  if (typeof value === "boolean") return String(value);
  const text = String(value);
  if (typeof value === "number" && /^-?\d+(\.\d+)?$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Joins conditions, each in its own parentheses. */
export function allOf(conditions: string[]): string {
  const present = conditions.filter((condition) => condition.trim() !== "");
  return present.length < 2 ? (present[0] ?? "") : present.map((condition) => `(${condition})`).join(" && ");
}

export function anyOf(conditions: string[]): string {
  return conditions.join(" || ");
}
