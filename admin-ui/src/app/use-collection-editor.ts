import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { collectionsQuery } from "@/api/collections";
import { inFull } from "@/api/errors";
import type { Collection } from "@/api/types";
import { useDraft } from "@/components/use-draft";
import { toast } from "@/components/toasts";
import { changesOf, type Change } from "@/features/schema/model";
import { equal } from "@/lib/equal";
import { mergeDeep } from "@/lib/merge-deep";
import type { Conflict, Sides } from "@/lib/merge3";
import { forgetUnread, refuseUnread } from "@/ui/unread";
import { collectionPath } from "./paths";

/** One draft for everything that belongs to a collection; its tabs are views of it. */
export function useCollectionEditor(base: Collection, isNew: boolean, onSaved: (saved: Collection) => void) {
  const client = useQueryClient();
  const draft = useDraft<Collection>(base);
  const [seen, setSeen] = useState(base);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [reviewing, setReviewing] = useState(false);
  /** What the collection is now, to be taken in before the review. */
  const [newest, setNewest] = useState<{ theirs: Collection; sides: Sides } | null>(null);
  /** What both changed: asked about first. */
  const [asked, setAsked] = useState<{ theirs: Collection; conflicts: Conflict[] } | null>(null);
  /** What others changed since it was begun here. */
  const [elsewhere, setElsewhere] = useState<Change[]>([]);
  const savedAs = useRef<string | null>(null);
  const dirty = isNew || draft.dirty.length > 0;

  // A newer version is taken over unless it would undo what is being edited.
  if (base !== seen) {
    setSeen(base);
    if (draft.dirty.length === 0) draft.reset(base);
  }

  // What is reviewed stands on what the collection is now: fields are sent as a whole list, and nobody's are to be undone.
  if (newest !== null) {
    const { theirs, sides } = newest;
    const { value, conflicts } = mergeDeep(draft.base, draft.value, theirs, sides);
    setNewest(null);
    setReviewing(true);
    if (conflicts.some(({ key }) => sides[key] === undefined)) setAsked({ theirs, conflicts });
    else {
      setAsked(null);
      if (!equal(theirs, draft.base)) {
        setElsewhere((known) => [...known, ...changesOf(draft.base, theirs)]);
        draft.reset(theirs, value);
      }
    }
  }
  async function review(): Promise<void> {
    const unread = refuseUnread();
    if (unread !== null) {
      toast(unread, "danger");
      return;
    }
    if (isNew) {
      setReviewing(true);
      return;
    }
    try {
      const all = await client.fetchQuery({ ...collectionsQuery, staleTime: 0 });
      const theirs = all.find((known) => known.id === base.id);
      if (theirs) setNewest({ theirs, sides: {} });
    } catch (error) {
      toast(`The changes can't be reviewed now. ${inFull(error)}`, "danger");
    }
  }

  /** What was reviewed has been saved. */
  function finish(saved: Collection): void {
    savedAs.current = collectionPath(saved.name);
    setErrors({});
    setReviewing(false);
    setElsewhere([]);
    setSeen(saved);
    draft.settle(draft.value, saved);
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
    conflicts: asked?.conflicts ?? [],
    elsewhere,
    finish,
    refuse,
    /** Going there loses nothing: it is where what was saved is now. */
    isHome: (path: string) => path === savedAs.current,
    review: () => void review(),
    /** Takes in what has changed since the review was opened. */
    catchUp: review,
    decide: (sides: Sides) => asked && setNewest({ theirs: asked.theirs, sides }),
    closeReview: () => {
      setReviewing(false);
      setAsked(null);
    },
    discard: () => {
      forgetUnread();
      draft.reset(base);
      setElsewhere([]);
      setErrors({});
    },
  };
}

export type CollectionEditor = ReturnType<typeof useCollectionEditor>;
