import { batchFailure, sendBatch, sendOne } from "@/api/batch";
import { toUiError } from "@/api/errors";
import type { RecordRow } from "@/api/types";
import { equal } from "@/lib/equal";
import type { Conflict } from "@/lib/merge3";
import { changeKey, type Patches, type StagedChange } from "./staged";

/** One chunk is one transaction when the server allows batches. */
const chunk = 50;

type Now = (id: string) => Promise<RecordRow>;
export type Outcome = {
  saved: Patches;
  problems: Record<string, string>;
  message: string | null;
  conflicts: Conflict[];
};

/** Looks first whether others changed the same cells; then sends only what changed. */
export async function saveStaged(
  collection: string,
  patches: Patches,
  choice: Record<string, unknown>,
  bases: ReadonlyMap<string, RecordRow>,
  limit: { enabled: boolean; maxRequests: number } | undefined,
  now: Now,
): Promise<Outcome> {
  const out: Outcome = { saved: {}, problems: {}, message: null, conflicts: [] };
  let sent = patches;
  for (const [key, value] of Object.entries(choice)) sent = chosen(sent, key, value);
  out.conflicts = await moved(sent, choice, bases, now);
  if (out.conflicts.length > 0) return out;
  const rows = Object.entries(sent);
  const size = limit?.enabled ? Math.max(1, Math.min(chunk, limit.maxRequests)) : 1;
  for (let at = 0; at < rows.length; at += size) {
    const part = rows.slice(at, at + size);
    const writes = part.map(([id, body]) => ({ kind: "update" as const, id, body }));
    const [only] = writes;
    try {
      if (limit?.enabled) await sendBatch(collection, writes);
      else if (only) await sendOne(collection, only);
      for (const [id, patch] of part) out.saved[id] = patch;
    } catch (error) {
      Object.assign(out.problems, refusals(error, part));
      out.message =
        limit?.enabled && part.length > 1 ? `${said(error)} None of the ${part.length} rows was saved.` : said(error);
    }
  }
  return out;
}

async function moved(
  sent: Patches,
  choice: Record<string, unknown>,
  bases: ReadonlyMap<string, RecordRow>,
  now: Now,
): Promise<Conflict[]> {
  const out: Conflict[] = [];
  for (const [id, patch] of Object.entries(sent)) {
    const row = await now(id);
    for (const [field, mine] of Object.entries(patch)) {
      const base = bases.get(id)?.[field];
      const key = changeKey(id, field);
      if (!equal(row[field], base) && !equal(row[field], mine) && !(key in choice))
        out.push({ key, base, mine, theirs: row[field] });
    }
  }
  return out;
}

/**
 * Refused for what has changed since: somebody else may rely on it by now. Answers how much that is.
 */
export async function putBack(collection: string, inverse: StagedChange[], now: Now): Promise<number> {
  let left = inverse.length;
  for (const id of new Set(inverse.map((change) => change.id))) {
    const row = await now(id);
    const mine = inverse.filter((change) => change.id === id && equal(row[change.field], change.after));
    const body = Object.fromEntries(mine.map((change) => [change.field, change.before]));
    if (mine.length > 0) await sendOne(collection, { kind: "update", id, body });
    left -= mine.length;
  }
  return left;
}

function chosen(patches: Patches, key: string, value: unknown): Patches {
  const [id = "", field = ""] = key.split(" ");
  return { ...patches, [id]: { ...patches[id], [field]: value } };
}

function said(error: unknown): string {
  const failed = batchFailure(error);
  if (failed) return failed.message;
  const { title, fields } = toUiError(error);
  return [title, ...Object.values(fields)].join(" ");
}

/** The server's words at the cells they are about. */
function refusals(error: unknown, part: [string, Record<string, unknown>][]): Record<string, string> {
  const failed = batchFailure(error);
  const fields = failed?.fields ?? toUiError(error).fields;
  const id = part[failed?.index ?? 0]?.[0] ?? "";
  return Object.fromEntries(
    Object.entries(fields).map(([field, text]) => [changeKey(id, field.split(".")[0] ?? field), text]),
  );
}
