import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { toUiError } from "@/api/errors";
import { recordQuery } from "@/api/records";
import { settingsQuery } from "@/api/settings";
import type { Collection, RecordRow } from "@/api/types";
import { useCarefulSave } from "@/components/environment";
import { checkSession, noticeRefusal } from "@/components/session";
import { toast } from "@/components/toasts";
import { redo, setKey, startDraft, undo, type Draft } from "@/lib/draft";
import type { Conflict } from "@/lib/merge3";
import { count } from "@/lib/words";
import {
  changeKey,
  changesOfPatches,
  stage,
  stillToSave,
  withoutChanges,
  type Patches,
  type StagedChange,
} from "./staged";

/** Sending is code that only those need who have something to send. */
const sending = () => import("./save-staged");

/** Edits in the table: staged, walked back and forth, then sent together. */
export function useStaged(collection: Collection) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft<Patches>>(() => startDraft({}));
  const [bases] = useState(() => new Map<string, RecordRow>());
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [message, setMessage] = useState<string | null>(null);
  const [conflicts, setConflicts] = useState<Conflict[]>([]);
  const [busy, setBusy] = useState(false);
  const patches = draft.value;
  const saving = useRef(false);
  const latest = useRef(patches);
  // An answer comes long after the picture it was asked from.
  useEffect(() => {
    latest.current = patches;
  });
  const now = (id: string) => client.fetchQuery({ ...recordQuery(collection.name, id), staleTime: 0 });

  function set(row: RecordRow, field: string, value: unknown) {
    const base = bases.get(row.id) ?? row;
    bases.set(row.id, base);
    setProblems(({ [changeKey(row.id, field)]: _gone, ...rest }) => rest);
    setDraft((was) => setKey(was, changeKey(row.id, field), stage(was.value, base, field, value), 0));
  }
  /** Many cells at once are one step back. */
  function setAll(edits: { row: RecordRow; field: string; value: unknown }[]) {
    let next = patches;
    for (const { row, field, value } of edits) {
      const base = bases.get(row.id) ?? row;
      bases.set(row.id, base);
      next = stage(next, base, field, value);
    }
    setDraft((was) => setKey(was, `block ${Date.now()}`, next, 0));
  }
  const careful = useCarefulSave();
  async function save(left: ReadonlySet<string> = new Set(), choice: Record<string, unknown> = {}): Promise<void> {
    if (!(await careful("Save changes")) || saving.current) return;
    saving.current = true;
    setBusy(true);
    setMessage(null);
    setProblems({});
    try {
      if (!(await checkSession())) return;
      const { saveStaged } = await sending();
      const limit = (await client.ensureQueryData(settingsQuery)).batch;
      // They may be thrown away while they are on their way.
      const before = new Map(bases);
      const out = await saveStaged(collection.name, withoutChanges(patches, left), choice, before, limit, now);
      setConflicts(out.conflicts);
      setProblems(out.problems);
      setMessage(out.message);
      done(out.saved, before);
    } catch (error) {
      void noticeRefusal(error);
      setMessage(toUiError(error).title);
    } finally {
      saving.current = false;
      setBusy(false);
    }
  }
  function done(saved: Patches, before: ReadonlyMap<string, RecordRow>) {
    const inverse = changesOfPatches(saved, before);
    if (inverse.length === 0) return;
    const known = new Map(bases);
    const rest = stillToSave(latest.current, patches, saved, known);
    setDraft((was) => startDraft({}, stillToSave(was.value, patches, saved, known)));
    for (const [id, patch] of Object.entries(saved)) {
      const base = bases.get(id);
      // What was typed into it meanwhile stands on what was saved.
      if (rest[id] && base) bases.set(id, { ...base, ...patch });
      else bases.delete(id);
    }
    void client.invalidateQueries({ queryKey: ["records"] });
    toast(`Saved ${count(inverse.length, "change")}`, "ok", { label: "Undo", run: () => void restore(inverse) });
  }
  async function restore(inverse: StagedChange[]) {
    try {
      const left = await (await sending()).putBack(collection.name, inverse, now);
      if (left === 0) toast("Changes undone");
      else toast(`${count(left, "change")} not undone: changed again since.`, "danger");
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
    setAll,
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
