import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { batchFailure, sendBatch, sendOne } from "@/api/batch";
import { toUiError } from "@/api/errors";
import { recordQuery } from "@/api/records";
import { settingsQuery } from "@/api/settings";
import type { Collection, RecordRow } from "@/api/types";
import { noticeRefusal } from "@/components/session";
import { toast } from "@/components/toasts";
import { redo, setKey, startDraft, undo, type Draft } from "@/lib/draft";
import { equal } from "@/lib/equal";
import type { Conflict } from "@/lib/merge3";
import { count } from "@/lib/words";
import { changeKey, changesOfPatches, stage, withoutChanges, type Patches } from "./staged";

/** One chunk is one transaction when the server allows batches. */
const chunk = 50;

export type CellProblem = { text: string };

/** Edits in the table: staged, walked back and forth, then sent together. */
export function useStaged(collection: Collection) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft<Patches>>(() => startDraft({}));
  const [bases] = useState(() => new Map<string, RecordRow>());
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [message, setMessage] = useState<string | null>(null);
  const [conflicts, setConflicts] = useState<Conflict[]>([]);
  const [busy, setBusy] = useState(false);
  const batches = useQuery({ ...settingsQuery, enabled: Object.keys(draft.value).length > 0 }).data?.batch;
  const patches = draft.value;

  function set(row: RecordRow, field: string, value: unknown) {
    const base = bases.get(row.id) ?? row;
    bases.set(row.id, base);
    setProblems(({ [changeKey(row.id, field)]: _gone, ...rest }) => rest);
    setDraft((now) => setKey(now, changeKey(row.id, field), stage(now.value, base, field, value), 0));
  }
  function clear(sent: Patches) {
    const gone = new Set(
      Object.entries(sent).flatMap(([id, patch]) => Object.keys(patch).map((field) => changeKey(id, field))),
    );
    setDraft((now) => {
      const rest = withoutChanges(now.value, gone);
      for (const id of Object.keys(sent)) if (!rest[id]) bases.delete(id);
      return startDraft({}, rest);
    });
  }

  /** What the server holds now for the rows, and where it differs from what was there when editing began. */
  async function moved(sent: Patches, choice: Record<string, unknown>): Promise<Conflict[]> {
    const out: Conflict[] = [];
    for (const [id, patch] of Object.entries(sent)) {
      const now = await client.fetchQuery({ ...recordQuery(collection.name, id), staleTime: 0 });
      for (const [field, mine] of Object.entries(patch)) {
        const base = bases.get(id)?.[field];
        const key = changeKey(id, field);
        if (!equal(now[field], base) && !equal(now[field], mine) && !(key in choice))
          out.push({ key, base, mine, theirs: now[field] });
      }
    }
    return out;
  }

  async function save(left: ReadonlySet<string> = new Set(), choice: Record<string, unknown> = {}): Promise<void> {
    let sent = withoutChanges(patches, left);
    for (const [key, value] of Object.entries(choice)) sent = chosen(sent, key, value);
    setBusy(true);
    setMessage(null);
    setProblems({});
    const saved: Patches = {};
    const found: Record<string, string> = {};
    try {
      const open = await moved(sent, choice);
      setConflicts(open);
      if (open.length > 0) return;
      const rows = Object.entries(sent);
      const atomic = batches?.enabled === true;
      const size = atomic ? Math.max(1, Math.min(chunk, batches.maxRequests)) : 1;
      for (let at = 0; at < rows.length; at += size) {
        const part = rows.slice(at, at + size);
        const writes = part.map(([id, body]) => ({ kind: "update" as const, id, body }));
        const [only] = writes;
        try {
          if (atomic) await sendBatch(collection.name, writes);
          else if (only) await sendOne(collection.name, only);
          for (const [id, patch] of part) saved[id] = patch;
        } catch (error) {
          Object.assign(found, refusals(error, part));
          setMessage(
            atomic && part.length > 1 ? `${said(error)} None of the ${part.length} rows was saved.` : said(error),
          );
        }
      }
    } catch (error) {
      void noticeRefusal(error);
      setMessage(toUiError(error).title);
    } finally {
      setBusy(false);
    }
    setProblems(found);
    done(saved);
  }

  function done(saved: Patches) {
    const n = Object.values(saved).reduce((sum, patch) => sum + Object.keys(patch).length, 0);
    if (n === 0) return;
    const inverse = changesOfPatches(saved, bases);
    clear(saved);
    void client.invalidateQueries({ queryKey: ["records"] });
    toast(`Saved ${count(n, "change")}`, "ok", { label: "Undo", run: () => void putBack(saved, inverse) });
  }

  /** Refused for what has changed since: somebody else may rely on it by now. */
  async function putBack(saved: Patches, inverse: ReturnType<typeof changesOfPatches>) {
    try {
      for (const id of Object.keys(saved)) {
        const now = await client.fetchQuery({ ...recordQuery(collection.name, id), staleTime: 0 });
        const mine = inverse.filter((change) => change.id === id && equal(now[change.field], change.after));
        const body = Object.fromEntries(mine.map((change) => [change.field, change.before]));
        if (mine.length > 0) await sendOne(collection.name, { kind: "update", id, body });
      }
      toast("Changes undone");
    } catch (error) {
      toast(`Not everything could be undone. ${toUiError(error).title}`, "danger");
    }
    void client.invalidateQueries({ queryKey: ["records"] });
  }

  return {
    patches,
    bases,
    changes: changesOfPatches(patches, bases),
    problems,
    message,
    conflicts,
    busy,
    canUndo: draft.past.length > 0,
    canRedo: draft.future.length > 0,
    set,
    save,
    undo: () => setDraft(undo),
    redo: () => setDraft(redo),
    discard: () => {
      bases.clear();
      setDraft(startDraft({}));
      setProblems({});
      setMessage(null);
    },
    dismissConflicts: () => setConflicts([]),
  };
}

export type Staged = ReturnType<typeof useStaged>;

function chosen(patches: Patches, key: string, value: unknown): Patches {
  const [id = "", field = ""] = key.split(" ");
  return { ...patches, [id]: { ...patches[id], [field]: value } };
}

function said(error: unknown): string {
  const failed = batchFailure(error);
  const { title, fields } = toUiError(error);
  if (failed) return failed.message;
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
