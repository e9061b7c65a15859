import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { Collection } from "@/api/types";
import { useDraft } from "@/components/use-draft";
import { toast } from "@/components/toasts";
import { collectionPath } from "./paths";

/** One draft for everything that belongs to a collection; its tabs are views of it. */
export function useCollectionEditor(base: Collection, isNew: boolean, onSaved: (saved: Collection) => void) {
  const client = useQueryClient();
  const draft = useDraft<Collection>(base);
  const [seen, setSeen] = useState(base);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [reviewing, setReviewing] = useState(false);
  const savedAs = useRef<string | null>(null);
  const dirty = isNew || draft.dirty.length > 0;

  // A newer version is taken over unless it would undo what is being edited.
  if (base !== seen) {
    setSeen(base);
    if (draft.dirty.length === 0) draft.reset(base);
  }

  /** What was reviewed has been saved. */
  function finish(saved: Collection): void {
    savedAs.current = collectionPath(saved.name);
    setErrors({});
    setReviewing(false);
    setSeen(saved);
    draft.reset(saved);
    void client.invalidateQueries({ queryKey: ["records"] });
    void client.invalidateQueries({ queryKey: ["collections"] });
    toast(isNew ? `Collection ${saved.name} created` : `Collection ${saved.name} saved`);
    onSaved(saved);
  }
  /** What is wrong with it, by path. */
  function refuse(fields: Record<string, string>, message: string): void {
    setErrors(fields);
    setReviewing(false);
    toast(`${message.split("\n")[0] ?? ""} ${Object.values(fields)[0] ?? ""}`, "danger");
  }
  return {
    draft,
    dirty,
    errors,
    reviewing,
    finish,
    refuse,
    /** Going there loses nothing: it is where what was saved is now. */
    isHome: (path: string) => path === savedAs.current,
    review: () => setReviewing(true),
    closeReview: () => setReviewing(false),
    discard: () => {
      draft.reset(draft.base);
      setErrors({});
    },
  };
}

export type CollectionEditor = ReturnType<typeof useCollectionEditor>;
