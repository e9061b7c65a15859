import type { Collection, Field } from "@/api/types";
import type { Known } from "@/lib/expr/complete";

function own(target: Collection): Field[] {
  return target.fields.filter((field) => !(field.system && field.hidden));
}

/** Everything a rule of a collection may name, for completion: its fields and theirs, the request, other collections. */
export function ruleWords(collection: Collection, all: Collection[]): Known[] {
  const out: Known[] = [];
  const know = (name: string, detail: string, values?: string[]) =>
    out.push({ name, detail, ...(values ? { values } : {}) });
  for (const field of own(collection)) {
    const values = field.type === "select" ? field.values : field.type === "bool" ? ["true", "false"] : undefined;
    know(field.name, field.type, values);
    if (field.type !== "relation") continue;
    const target = all.find((known) => known.id === field.collectionId);
    if (target) for (const sub of own(target)) know(`${field.name}.${sub.name}`, `${target.name}, ${sub.type}`);
  }
  know("@request.auth.id", "who is asking");
  know("@request.auth.collectionName", "who is asking");
  know("@request.auth.verified", "who is asking", ["true", "false"]);
  const people = all.filter((known) => known.type === "auth" && !known.system);
  const seen = new Set(["id", "verified"]);
  for (const target of people)
    for (const field of own(target)) {
      if (seen.has(field.name)) continue;
      seen.add(field.name);
      know(`@request.auth.${field.name}`, `${target.name}, ${field.type}`);
    }
  for (const field of own(collection)) {
    know(`@request.body.${field.name}`, `sent ${field.type}`);
    know(`@request.body.${field.name}:isset`, "was it sent", ["true", "false"]);
    know(`@request.body.${field.name}:changed`, "does it differ", ["true", "false"]);
  }
  know("@request.method", "GET, POST…", ["GET", "POST", "PATCH", "DELETE"]);
  know("@request.context", "default, oauth2…", ["default", "oauth2", "otp", "password", "realtime", "protectedFile"]);
  for (const target of all) {
    if (target.system) continue;
    for (const field of own(target)) {
      know(`@collection.${target.name}.${field.name}`, field.type);
      if (field.type === "relation" && field.collectionId === collection.id)
        know(`${target.name}_via_${field.name}.id`, "records that point here");
    }
  }
  return out;
}
