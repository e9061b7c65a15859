import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { toUiError } from "@/api/errors";
import { createRecord, recordQuery, updateRecord } from "@/api/records";
import type { Collection, RecordRow } from "@/api/types";
import { useCarefulSave } from "@/components/environment";
import { checkSession, noticeRefusal } from "@/components/session";
import { dismissPassing } from "@/components/toasts";
import { useDraft, useStoredDraft } from "@/components/use-draft";
import { rebase } from "@/lib/draft";
import { changedKeys } from "@/lib/equal";
import type { Conflict } from "@/lib/merge3";
import { badTexts } from "@/lib/typed";
import { copyOf, formFields, toBody, toForm, type FormValues } from "./form-model";
import { handOver, handedOver, takeBack, typedSince } from "./hand-over";

/** `left` is whether more was typed while it was being sent, and is still to be saved. */
export type Saved = { ok: true; record: RecordRow; left: boolean } | { ok: false };

/** Everything about editing one record except how it looks. */
export function useRecordEditor(collection: Collection, record: RecordRow | null) {
  const client = useQueryClient();
  const isNew = record === null;
  const fields = useMemo(() => formFields(collection, isNew), [collection, isNew]);
  const [given] = useState(() => handedOver(collection.id, record?.id ?? "new"));
  const start = toForm(fields, record);
  const draft = useDraft<FormValues>(start, { ...start, ...given });
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [conflicts, setConflicts] = useState<Conflict[]>([]);
  const [busy, setBusy] = useState(false);
  const [gone, setGone] = useState(false);
  const [seen, setSeen] = useState(record);
  const [replaced, setReplaced] = useState<RecordRow | null>(null);
  const sending = useRef(false);
  const latest = useRef(draft.value);
  const present = useRef(record);
  const careful = useCarefulSave();
  const dirty = draft.dirty.length > 0;
  const secret = collection.fields.filter((field) => field.type === "password").map((field) => field.name);
  const stored = useStoredDraft(`stead.draft.${collection.id}.${record?.id ?? "new"}`, dirty, draft.patch, secret);

  // A newer version arrived: what was not touched follows, what was touched is settled when saving.
  // What has just been saved gets here after its answer: until then the version before it is no news.
  if (record !== seen && record !== replaced) {
    setSeen(record);
    const moved = rebase(draft.core, toForm(fields, record));
    if (moved.conflicts.length === 0) draft.reset(moved.draft.base, moved.draft.value);
  }

  // An answer comes long after the picture it was asked from.
  useEffect(() => {
    latest.current = draft.value;
    present.current = record;
  });
  useEffect(() => () => takeBack(collection.id), [collection.id]);

  function set(name: string, value: unknown) {
    draft.set({ [name]: value });
    if (errors[name] === undefined) return;
    setErrors(Object.fromEntries(Object.entries(errors).filter(([key]) => key !== name)));
  }

  async function send(values: FormValues, base: FormValues): Promise<Saved> {
    const changed = changedKeys(base, values);
    const patch = Object.fromEntries(changed.map((key) => [key, values[key]]));
    const body = toBody(collection, patch);
    const saved = record
      ? await updateRecord(collection.name, record.id, body)
      : await createRecord(collection.name, body);
    stored.forget();
    setErrors({});
    setSeen(saved);
    setReplaced(present.current);
    const stands = toForm(fields, saved);
    const value = typedSince(fields, draft.value, latest.current, stands);
    const more = changedKeys(stands, value);
    draft.reset(stands, record ? value : stands);
    // A new record gets a form of its own, which goes on where this one ends.
    if (!record) handOver(collection.id, saved.id, Object.fromEntries(more.map((key) => [key, value[key]])));
    client.setQueryData(recordQuery(collection.name, saved.id).queryKey, saved);
    void client.invalidateQueries({ queryKey: ["records"] });
    return { ok: true, record: saved, left: more.length > 0 };
  }

  /** One at a time: a key that is pressed twice would make two records. */
  async function once(work: () => Promise<Saved>): Promise<Saved> {
    if (sending.current) return { ok: false };
    sending.current = true;
    try {
      return await work();
    } finally {
      sending.current = false;
    }
  }

  async function save(choice: FormValues = {}): Promise<Saved> {
    const local = badTexts(draft.value);
    setErrors(local);
    setFailure(null);
    if (Object.keys(local).length > 0 || !(await careful("Save record"))) return { ok: false };
    return once(() => sendChanges(choice));
  }

  /** Looks first whether the record moved, then sends only what changed. */
  async function sendChanges(choice: FormValues): Promise<Saved> {
    dismissPassing();
    setBusy(true);
    try {
      // To a guest the record may not be there, or be there with less.
      if (!(await checkSession())) return { ok: false };
      if (!record) return await send(draft.value, draft.base);
      const fresh = await client.fetchQuery({ ...recordQuery(collection.name, record.id), staleTime: 0 });
      const now = toForm(fields, fresh);
      const merged = rebase({ ...draft.core, value: { ...draft.value, ...choice } }, now);
      const open = merged.conflicts.filter((conflict) => !(conflict.key in choice));
      setConflicts(open);
      return open.length > 0 ? { ok: false } : await send(merged.draft.value, now);
    } catch (error) {
      void noticeRefusal(error);
      const said = toUiError(error);
      setGone(said.status === 404 && record !== null);
      const shown = Object.entries(said.fields).map(([path, message]): [string, string] => [
        path.split(".")[0] ?? path,
        message,
      ]);
      const here = shown.filter(([name]) => fields.some((field) => field.name === name));
      setErrors(Object.fromEntries(here));
      const elsewhere = shown
        .filter(([name]) => !here.some(([known]) => known === name))
        .map(([name, message]) => `${name}: ${message}`);
      setFailure([said.status === 404 && record ? "This record was deleted." : said.title, ...elsewhere].join(" "));
      return { ok: false };
    } finally {
      setBusy(false);
    }
  }

  /** What was typed becomes a record of its own; files that were stored are gone with the old one. */
  async function createAsNew(): Promise<Saved> {
    const local = badTexts(draft.value);
    setErrors(local);
    if (Object.keys(local).length > 0) return { ok: false };
    setBusy(true);
    try {
      if (!(await checkSession())) return { ok: false };
      const saved = await createRecord(collection.name, toBody(collection, copyOf(fields, draft.value)));
      stored.forget();
      draft.reset(draft.base);
      void client.invalidateQueries({ queryKey: ["records"] });
      return { ok: true, record: saved, left: false };
    } catch (error) {
      void noticeRefusal(error);
      const said = toUiError(error);
      setErrors(said.fields);
      setFailure(said.title);
      return { ok: false };
    } finally {
      setBusy(false);
    }
  }

  return {
    fields,
    /** What another form left to this one. */
    given: Object.keys(given),
    gone,
    createAsNew: () => once(createAsNew),
    draft,
    dirty,
    errors,
    failure,
    conflicts,
    busy,
    stored,
    set,
    save,
    dismissConflicts: () => setConflicts([]),
    discard: () => {
      draft.reset(draft.base);
      stored.forget();
      setErrors({});
      setFailure(null);
    },
  };
}

export type RecordEditor = ReturnType<typeof useRecordEditor>;
