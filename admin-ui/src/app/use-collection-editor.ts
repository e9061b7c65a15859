import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery, createCollection, updateCollection } from "@/api/collections";
import { inFull, toUiError } from "@/api/errors";
import type { Collection } from "@/api/types";
import { noticeRefusal } from "@/components/session";
import { useDraft } from "@/components/use-draft";
import { toast } from "@/components/toasts";
import type { Reference } from "@/features/schema/impact";

/** One draft for everything that belongs to a collection; its tabs are views of it. */
export function useCollectionEditor(base: Collection, isNew: boolean, onSaved: (saved: Collection) => void) {
  const client = useQueryClient();
  const draft = useDraft<Collection>(base);
  const [seen, setSeen] = useState(base);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [reviewing, setReviewing] = useState(false);
  const [busy, setBusy] = useState(false);
  const dirty = isNew || draft.dirty.length > 0;

  // A newer version is taken over unless it would undo what is being edited.
  if (base !== seen) {
    setSeen(base);
    if (draft.dirty.length === 0) draft.reset(base);
  }

  /** Rules of the collection itself are saved with it; other collections follow once the new names exist. */
  async function apply(fixes: Reference[] = []): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      const { id: _id, created: _created, updated: _updated, ...body } = draft.value;
      const own = fixes.filter((fix) => fix.collection.id === base.id);
      const change = { ...draft.patch(), ...Object.fromEntries(own.map((fix) => [fix.key, fix.after])) };
      const saved = isNew ? await createCollection(body) : await updateCollection(base.id, change);
      client.setQueryData(collectionsQuery.queryKey, (now) =>
        [...(now ?? []).filter((known) => known.id !== saved.id), saved].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      );
      setErrors({});
      setReviewing(false);
      setSeen(saved);
      draft.reset(saved);
      await fixReferences(fixes.filter((fix) => fix.collection.id !== base.id));
      void client.invalidateQueries({ queryKey: ["records"] });
      void client.invalidateQueries({ queryKey: ["collections"] });
      toast(isNew ? `Collection ${saved.name} created` : `Collection ${saved.name} saved`);
      onSaved(saved);
    } catch (error) {
      void noticeRefusal(error);
      const said = toUiError(error);
      setErrors(said.fields);
      const wrong = Object.keys(said.fields).length;
      setFailure(wrong === 0 ? said.title : null);
      if (wrong > 0) {
        setReviewing(false);
        toast(`${said.title} ${Object.values(said.fields)[0] ?? ""}`, "danger");
      }
    } finally {
      setBusy(false);
    }
  }
  return {
    draft,
    dirty,
    errors,
    failure,
    reviewing,
    busy,
    apply,
    review: () => {
      setFailure(null);
      setReviewing(true);
    },
    closeReview: () => setReviewing(false),
    discard: () => {
      draft.reset(draft.base);
      setErrors({});
    },
  };
}

/** One update for each collection that names what was renamed; what fails is said, the rest goes on. */
async function fixReferences(fixes: Reference[]): Promise<void> {
  for (const id of new Set(fixes.map((fix) => fix.collection.id))) {
    const group = fixes.filter((fix) => fix.collection.id === id);
    const name = group[0]?.collection.name ?? id;
    try {
      await updateCollection(id, Object.fromEntries(group.map((fix) => [fix.key, fix.after])));
    } catch (error) {
      toast(`${name} still uses the old name. ${inFull(error)}`, "danger");
    }
  }
}

export type CollectionEditor = ReturnType<typeof useCollectionEditor>;
