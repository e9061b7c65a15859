import { useQueries, useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/collections";
import { countQuery } from "@/api/records";
import type { Collection, RecordRow } from "@/api/types";
import { literal } from "@/lib/keyset";
import { groupDigits } from "@/lib/words";

type Link = { collection: string; field: string; filter: string };

/** What the server keeps about accounts without a relation to them. */
const aboutAccounts = [
  ["_externalAuths", "sign-in services"],
  ["_authOrigins", "known devices"],
] as const;

/** Every field of every collection that can point here. */
function linksTo(target: Collection, id: string, all: Collection[]): Link[] {
  const kept = aboutAccounts.map(([collection, field]) => ({
    collection,
    field,
    filter: `collectionRef = ${literal(target.id)} && recordRef = ${literal(id)}`,
  }));
  const relations = all.flatMap((other) =>
    other.fields.flatMap((field): Link[] => {
      if (field.type !== "relation" || field.collectionId !== target.id) return [];
      const filter = field.maxSelect > 1 ? `${field.name}.id ?= ${literal(id)}` : `${field.name} = ${literal(id)}`;
      return [{ collection: other.name, field: field.name, filter }];
    }),
  );
  return target.type === "auth" ? [...relations, ...kept] : relations;
}

/** What points at this record, counted, with a way there. */
export default function RecordRelated({ collection, record }: { collection: Collection; record: RecordRow }) {
  const links = linksTo(collection, record.id, useQuery(collectionsQuery).data ?? []);
  const counts = useQueries({ queries: links.map((link) => countQuery(link.collection, link.filter)) });
  if (links.length === 0) return <p className="p-4 text-ink-2">No collection has a relation to {collection.name}.</p>;
  return (
    <ul aria-label="Related records" className="divide-y divide-line">
      {links.map((link, index) => {
        const n = counts[index]?.data;
        const href = `#/collections/${encodeURIComponent(link.collection)}?filter=${encodeURIComponent(link.filter)}`;
        return (
          <li key={`${link.collection} ${link.field}`}>
            <a
              href={href}
              className="flex min-h-10 items-center justify-between gap-3 px-4 py-1.5 -outline-offset-2 hover:bg-hover"
            >
              <span>
                {link.collection} <span className="text-ink-3">({link.field})</span>
              </span>
              <span className="tnum font-medium">
                {counts[index]?.isError ? "?" : n === undefined ? "…" : groupDigits(n)}
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
