import { batchFailure, sendBatch, sendOne, type Write } from "@/api/batch";
import { toUiError } from "@/api/errors";
import { listRecords } from "@/api/records";
import type { RecordRow } from "@/api/types";
import { allOf, anyOf, literal } from "@/lib/keyset";

/** Which records something is done to: those that were ticked, or all that match. */
export type Scope = { kind: "ids"; ids: string[] } | { kind: "matching"; filter: string; total: number };

export function sizeOf(scope: Scope): number {
  return scope.kind === "ids" ? scope.ids.length : scope.total;
}

const readSize = 200;
const idsSize = 80;

/** The records of a scope, chunk by chunk, by key: what is deleted or changed on the way never shifts what follows. */
export async function* rowsOf(
  collection: string,
  scope: Scope,
  shape: { fields?: string; expand?: string },
  signal: AbortSignal,
): AsyncGenerator<RecordRow[]> {
  if (scope.kind === "ids") {
    for (let at = 0; at < scope.ids.length; at += idsSize) {
      const filter = anyOf(scope.ids.slice(at, at + idsSize).map((id) => `id = ${literal(id)}`));
      yield await listRecords(collection, { filter, sort: "", page: 1, perPage: idsSize, ...shape }, signal);
    }
    return;
  }
  let last = "";
  for (;;) {
    const filter = allOf([scope.filter, last === "" ? "" : `id > ${literal(last)}`]);
    const rows = await listRecords(collection, { filter, sort: "id", page: 1, perPage: readSize, ...shape }, signal);
    if (rows.length > 0) yield rows;
    last = rows.at(-1)?.id ?? "";
    if (rows.length < readSize) return;
  }
}

export type Progress = { done: number; failed: { what: string; why: string }[] };
export type BatchLimit = { enabled: boolean; maxRequests: number } | undefined;

/** Sends writes in chunks where the server allows it, else one by one. A refused one is noted and the others go on. */
export async function sendWrites(
  collection: string,
  writes: Write[],
  nameOf: (index: number) => string,
  limit: BatchLimit,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const size = limit?.enabled ? Math.max(1, Math.min(50, limit.maxRequests)) : 1;
  let at = 0;
  while (at < writes.length && !signal.aborted) {
    const part = writes.slice(at, at + size);
    const [only] = part;
    try {
      if (part.length > 1) await sendBatch(collection, part);
      else if (only) await sendOne(collection, only);
      progress.done += part.length;
    } catch (error) {
      const failed = batchFailure(error);
      if (part.length > 1 && failed === null) throw error;
      if (failed && part.length > 1) {
        // The one that was refused is left out, and the rest is tried again.
        progress.failed.push({ what: nameOf(at + failed.index), why: said(failed.message, failed.fields) });
        const rest = part.filter((_, index) => index !== failed.index);
        const names = part.map((_, index) => nameOf(at + index)).filter((_, index) => index !== failed.index);
        await sendWrites(collection, rest, (index) => names[index] ?? "", limit, progress, signal);
      } else {
        const { title, fields, offline } = toUiError(error);
        if (offline) throw error;
        progress.failed.push({ what: nameOf(at), why: said(title, fields) });
      }
    }
    at += part.length;
  }
}

function said(title: string, fields: Record<string, string>): string {
  const list = Object.entries(fields).map(([name, message]) => `${name}: ${message}`);
  return list.length > 0 ? list.join(" ") : title;
}
