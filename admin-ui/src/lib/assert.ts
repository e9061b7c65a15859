/** Makes a `switch` over a union exhaustive: a new member stops compiling here. */
export function assertNever(value: never): never {
  throw new Error(`BUG: unexpected value ${JSON.stringify(value)}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** Values of a field that may hold one or many: always a list of strings. */
export function toList(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter(isString);
  return typeof value === "string" && value !== "" ? [value] : [];
}

export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
