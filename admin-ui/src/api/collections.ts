import { queryOptions } from "@tanstack/react-query";
import { pb } from "./client";
import { earlyCollections } from "./early";
import type { Collection, CollectionType, Field, RecordRow } from "./types";

export const collectionsQuery = queryOptions({
  queryKey: ["collections"],
  queryFn: async ({ signal }) =>
    (await earlyCollections()) ?? pb.collections.getFullList<Collection>({ sort: "name", signal }),
  staleTime: 60_000,
});

export const scaffoldsQuery = queryOptions({
  queryKey: ["scaffolds"],
  queryFn: () => pb.send<Record<CollectionType, Collection>>("/api/collections/meta/scaffolds", {}),
  staleTime: Number.POSITIVE_INFINITY,
});

export type KnownProvider = { name: string; displayName: string; logo: string };

/** What sign-in services the server can talk to. */
export const providersQuery = queryOptions({
  queryKey: ["oauth2-providers"],
  queryFn: ({ signal }): Promise<KnownProvider[]> => pb.collections.getAllOAuth2Providers({ signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export function createCollection(body: Partial<Collection>): Promise<Collection> {
  return pb.collections.create<Collection>(body);
}

/** The secret of the session tokens is only ever written, and alone. */
export type CollectionChange = Partial<Omit<Collection, "authToken">> & {
  authToken?: { duration?: number; secret?: string };
};

export function updateCollection(id: string, body: CollectionChange): Promise<Collection> {
  return pb.collections.update<Collection>(id, body);
}

export function deleteCollection(id: string): Promise<boolean> {
  return pb.collections.delete(id);
}

export function truncateCollection(id: string): Promise<true> {
  return pb.collections.truncate(id);
}

export type ViewDryRun = { fields: Field[]; sample: RecordRow[] };

export function dryRunView(query: string, signal: AbortSignal): Promise<ViewDryRun> {
  return pb.send<ViewDryRun>("/api/collections/meta/dry-run-view", { method: "POST", body: { query }, signal });
}
