import { useQueries, useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/collections";
import { recordTitle } from "@/api/presentable";
import { pickerQuery } from "@/api/records";
import type { Identity } from "@/api/rules";
import { toText } from "@/lib/assert";

const mostCollections = 3;

/** A few people whom counts are shown for: the first of each collection of accounts. */
export function useSampleIdentities(): { identities: Identity[]; nameOf: (identity: Identity) => string } {
  const people = (useQuery(collectionsQuery).data ?? [])
    .filter((known) => known.type === "auth" && !known.system)
    .slice(0, mostCollections);
  const firsts = useQueries({ queries: people.map((known) => pickerQuery(known.id, "")) });
  const found = people.flatMap((known, index) => {
    const record = firsts[index]?.data?.[0];
    return record ? [{ known, record }] : [];
  });
  const everybody = people.flatMap((known, index) => (firsts[index]?.data ?? []).map((record) => ({ known, record })));
  return {
    identities: found.map(({ known, record }) => ({ collection: known.name, id: record.id })),
    nameOf: (identity) => {
      if (typeof identity === "string") return identity;
      const hit = everybody.find(
        ({ known, record }) => known.name === identity.collection && record.id === identity.id,
      );
      if (!hit) return `${identity.collection} ${identity.id}`;
      return toText(hit.record["email"]) || recordTitle(hit.known, hit.record);
    },
  };
}
