import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery, createCollection, updateCollection } from "@/api/collections";
import { inFull, toUiError } from "@/api/errors";
import type { Collection } from "@/api/types";
import { useFeature } from "@/components/features";
import { MergeDialog } from "@/components/merge-dialog";
import { noticeRefusal } from "@/components/session";
import { toast } from "@/components/toasts";
import { Widening } from "@/features/rules/widening";
import { Elsewhere } from "@/features/schema/elsewhere";
import type { Reference } from "@/features/schema/impact";
import { changesOf } from "@/features/schema/model";
import { NewSummary } from "@/features/schema/new-summary";
import { PlanDialog } from "@/features/schema/plan-dialog";
import { ReviewDialog } from "@/features/schema/review-dialog";
import { meantOf, placeWords, sideWords, wantedOf } from "@/features/schema/wanted";
import { count } from "@/lib/words";
import type { CollectionEditor } from "./use-collection-editor";

type ReviewProps = { editor: CollectionEditor; base: Collection; isNew: boolean; collections: Collection[] };

/** What is about to happen to a collection: planned by the server where it can, else worked out here. */
export function Review(props: ReviewProps) {
  const plans = useFeature("schema-plan");
  const { editor, base } = props;
  if (editor.conflicts.length > 0)
    return (
      <MergeDialog
        what={`The collection ${base.name}`}
        verb="Go on"
        conflicts={editor.conflicts}
        nameOf={placeWords}
        show={sideWords}
        onCancel={editor.closeReview}
        onMerge={editor.decide}
      />
    );
  if (plans === null) return null;
  return plans ? <Planned {...props} /> : <ByHand {...props} />;
}

function Planned({ editor, base, isNew, collections }: ReviewProps) {
  const client = useQueryClient();
  const draft = editor.draft.value;
  const { id: _id, created: _created, updated: _updated, ...body } = draft;
  const wanted = isNew ? body : { ...wantedOf(base, draft, editor.draft.patch()), id: base.id, name: draft.name };
  const changes = isNew ? [] : changesOf(base, meantOf(base, draft));
  async function applied() {
    const all = await client.fetchQuery({ ...collectionsQuery, staleTime: 0 });
    const saved = all.find((known) => (isNew ? known.name === draft.name : known.id === base.id));
    if (saved) editor.finish(saved);
  }
  return (
    <PlanDialog
      description={isNew ? `New collection ${draft.name}` : `${count(changes.length, "change")} to ${base.name}`}
      wanted={{ collections: [wanted], deleteFields: true }}
      changes={changes}
      onApplied={applied}
      onMoved={editor.catchUp}
      onRefused={editor.refuse}
      onClose={editor.closeReview}
    >
      <Elsewhere changes={editor.elsewhere} />
      {isNew ? <NewSummary draft={draft} /> : <Widening base={base} draft={draft} collections={collections} />}
    </PlanDialog>
  );
}

/** A server without plans: rules and views that name what changes are mended one after the other. */
function ByHand({ editor, base, isNew, collections }: ReviewProps) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  /** Rules of the collection itself are saved with it; other collections follow once the new names exist. */
  async function apply(fixes: Reference[]): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      const { id: _id, created: _created, updated: _updated, ...body } = editor.draft.value;
      const own = fixes.filter((fix) => fix.collection.id === base.id);
      const change = { ...editor.draft.patch(), ...Object.fromEntries(own.map((fix) => [fix.key, fix.after])) };
      const saved = isNew ? await createCollection(body) : await updateCollection(base.id, change);
      client.setQueryData(collectionsQuery.queryKey, (now) =>
        [...(now ?? []).filter((known) => known.id !== saved.id), saved].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      );
      await fixReferences(fixes.filter((fix) => fix.collection.id !== base.id));
      editor.finish(saved);
    } catch (error) {
      void noticeRefusal(error);
      const said = toUiError(error);
      if (Object.keys(said.fields).length > 0) editor.refuse(said.fields, said.title);
      else setFailure(said.title);
      setBusy(false);
    }
  }
  return (
    <ReviewDialog
      base={base}
      draft={editor.draft.value}
      isNew={isNew}
      busy={busy}
      failure={failure}
      collections={isNew ? [] : collections}
      elsewhere={editor.elsewhere}
      onApply={(fixes) => void apply(fixes)}
      onClose={editor.closeReview}
    />
  );
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
