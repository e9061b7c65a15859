import { toText } from "./assert";

/** One line for a value in a comparison. */
export function showValue(value: unknown): string {
  if (Array.isArray(value))
    return value.map((item) => (item instanceof File ? item.name : toText(item))).join(", ") || "empty";
  return toText(value) || "empty";
}
