import type { Field } from "@/api/types";

/** Puts a removed field back where it was: behind the nearest of those it stood behind. */
export function restored(base: Field[], fields: Field[], field: Field): Field[] {
  const before = base.slice(
    0,
    base.findIndex((known) => known.id === field.id),
  );
  const previous = before.findLast((known) => fields.some((kept) => kept.id === known.id));
  const at = previous === undefined ? 0 : fields.findIndex((kept) => kept.id === previous.id) + 1;
  return fields.toSpliced(at, 0, field);
}
