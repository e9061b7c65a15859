import type { FieldType } from "@/api/types";

/** The id of a field that is not stored yet. */
export function freshId(type: FieldType): string {
  const [n] = crypto.getRandomValues(new Uint32Array(1));
  return `${type.toLowerCase()}${String(n ?? 0).padStart(10, "0")}`;
}
