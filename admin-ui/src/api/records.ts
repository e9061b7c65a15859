import { queryOptions } from "@tanstack/react-query";
import { anyOf, literal } from "@/lib/keyset";
import { pb } from "./client";
import { earlyRows, rememberFirstRows } from "./early";
import type { RecordRow } from "./types";

export type ListParams = {
  filter: string;
  sort: string;
  page: number;
  perPage: number;
  fields?: string;
  expand?: string;
};

export async function listRecords(collection: string, params: ListParams, signal?: AbortSignal): Promise<RecordRow[]> {
  const { page, perPage, ...rest } = params;
  const options = { ...present(rest), skipTotal: true, ...(signal ? { signal } : {}) };
  return (await pb.collection(collection).getList<RecordRow>(page, perPage, options)).items;
}

/** The start of a table. Where nothing is filtered, the next visit asks for it before anything else. */
export async function firstRecords(collection: string, params: ListParams, signal: AbortSignal): Promise<RecordRow[]> {
  const { hash } = window.location;
  const query = present({ ...params, page: String(params.page), perPage: String(params.perPage), skipTotal: "true" });
  const path = `/api/collections/${encodeURIComponent(collection)}/records?${new URLSearchParams(query).toString()}`;
  const rows = (await earlyRows(path)) ?? (await listRecords(collection, params, signal));
  if (params.filter === "") rememberFirstRows(hash, path);
  return rows;
}

export async function countRecords(collection: string, filter: string, signal?: AbortSignal): Promise<number> {
  const options = { ...present({ filter }), fields: "id", ...(signal ? { signal } : {}) };
  return (await pb.collection(collection).getList(1, 1, options)).totalItems;
}

export function countQuery(collection: string, filter: string) {
  return queryOptions({
    queryKey: ["records", collection, "count", filter],
    queryFn: ({ signal }) => countRecords(collection, filter, signal),
    retry: false,
  });
}

export function recordQuery(collection: string, id: string, expand = "") {
  return queryOptions({
    queryKey: ["records", collection, "one", id, expand],
    queryFn: ({ signal }) => pb.collection(collection).getOne<RecordRow>(id, { ...present({ expand }), signal }),
    retry: false,
  });
}

/** The first few matches for a picker. */
export function pickerQuery(collection: string, filter: string) {
  return queryOptions({
    queryKey: ["records", collection, "pick", filter],
    queryFn: ({ signal }) => listRecords(collection, { filter, sort: "", page: 1, perPage: 30 }, signal),
    placeholderData: (previous) => previous,
  });
}

export function recordsByIdQuery(collection: string, ids: string[]) {
  return queryOptions({
    queryKey: ["records", collection, "ids", [...ids].toSorted()],
    queryFn: async ({ signal }) => {
      const rows: RecordRow[] = [];
      for (let at = 0; at < ids.length; at += 80) {
        const filter = anyOf(ids.slice(at, at + 80).map((id) => `id = ${literal(id)}`));
        rows.push(...(await listRecords(collection, { filter, sort: "", page: 1, perPage: 80 }, signal)));
      }
      return rows;
    },
    placeholderData: (previous) => previous,
  });
}

export function createRecord(collection: string, body: Record<string, unknown>): Promise<RecordRow> {
  return pb.collection(collection).create<RecordRow>(body);
}

export function updateRecord(collection: string, id: string, body: Record<string, unknown>): Promise<RecordRow> {
  return pb.collection(collection).update<RecordRow>(id, body);
}

export function deleteRecord(collection: string, id: string): Promise<boolean> {
  return pb.collection(collection).delete(id);
}

/** Empty parameters are left out of the address. */
function present(params: Record<string, string | undefined>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [key, value] of Object.entries(params)) {
    if (value) out[key] = value;
  }
  return out;
}
