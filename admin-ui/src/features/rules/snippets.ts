import type { Collection, Field } from "@/api/types";

export type Snippet = { label: string; rule: string };

const most = 8;

/** Rules that are wanted again and again, in the names of this collection. */
export function snippetsOf(collection: Collection, all: Collection[]): Snippet[] {
  const people = all.filter((known) => known.type === "auth" && !known.system);
  const out: Snippet[] = [{ label: "Signed in", rule: '@request.auth.id != ""' }];
  if (collection.type === "auth") out.push({ label: "The account itself", rule: "id = @request.auth.id" });
  for (const field of collection.fields) {
    const target = targetOf(field, all);
    if (!target) continue;
    if (people.includes(target)) out.push({ label: `Who is ${field.name}`, rule: isMe(field.name, field) });
    else if (target.id !== collection.id)
      for (const inner of target.fields)
        if (people.some((known) => known.id === targetOf(inner, all)?.id))
          out.push({
            label: `Who is ${inner.name} of ${field.name}`,
            rule: isMe(`${field.name}.${inner.name}`, field, inner),
          });
  }
  const role = people.flatMap((known) => known.fields).find((field) => field.name === "role");
  if (role) {
    const value = role.type === "select" ? (role.values[0] ?? "admin") : "admin";
    out.push({ label: `Role ${value}`, rule: `@request.auth.role = ${JSON.stringify(value)}` });
  }
  return out.slice(0, most);
}

function targetOf(field: Field, all: Collection[]): Collection | undefined {
  return field.type === "relation" ? all.find((known) => known.id === field.collectionId) : undefined;
}

/** Of several values one is enough. */
function isMe(path: string, ...fields: Field[]): string {
  const several = fields.some((field) => field.type === "relation" && field.maxSelect > 1);
  return `${path} ${several ? "?=" : "="} @request.auth.id`;
}

/** Both have to hold; what joins alternatives is held together. */
export function withSnippet(rule: string | null, snippet: string): string {
  if (!rule) return snippet;
  return `${rule.includes("||") ? `(${rule})` : rule} && ${snippet}`;
}
