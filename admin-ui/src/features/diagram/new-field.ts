import type { Collection, Field } from "@/api/types";

/** Dates the server sets stay last, where people look for them. */
export function withField(collection: Collection, field: Field): Collection {
  const tail = collection.fields.findLastIndex((known) => known.type !== "autodate") + 1;
  return { ...collection, fields: [...collection.fields.slice(0, tail), field, ...collection.fields.slice(tail)] };
}

export function fieldNameProblem(collection: Collection, name: string): string | null {
  if (name === "") return "Give it a name";
  if (!/^\w+$/.test(name)) return "Only letters, digits and _ are allowed.";
  const taken = collection.fields.some((field) => field.name.toLowerCase() === name.toLowerCase());
  return taken ? `${collection.name} has a ${name} already.` : null;
}
