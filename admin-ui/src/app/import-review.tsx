import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery } from "@/api/collections";
import { inFull } from "@/api/errors";
import { importCollections } from "@/api/operate";
import { countQuery } from "@/api/records";
import { useFeature } from "@/components/features";
import { noticeRefusal } from "@/components/session";
import { toast } from "@/components/toasts";
import { changesOf } from "@/features/schema/model";
import { PlanDialog } from "@/features/schema/plan-dialog";
import { PlanView, type PlanViewProps } from "@/features/schema/plan-view";
import { importChanges, planImport, type ImportPlan, type Named } from "@/features/transfer/model";
import { count, listWords } from "@/lib/words";
import { SwitchRow } from "@/ui/switch";

type ImportReviewProps = { wanted: Named[]; onDone: () => void; onClose: () => void };

/** Merging is what an import does; deleting what the file does not have is a separate decision. */
export function ImportReview({ wanted, onDone, onClose }: ImportReviewProps) {
  const client = useQueryClient();
  const collections = useQuery(collectionsQuery).data ?? [];
  const [deleteMissing, setDeleteMissing] = useState(false);
  const plans = useFeature("schema-plan");
  const plan = planImport(collections, wanted, changesOf);
  const shown = {
    title: "Review import",
    description: `${count(plan.added.length, "new collection")}, ${plan.changed.length} changed, ${plan.same.length} the same`,
    changes: importChanges(plan, deleteMissing),
    nothing: "There is nothing to import",
    onClose,
    children: <Missing plan={plan} deleteMissing={deleteMissing} onChange={setDeleteMissing} />,
  };
  async function applied() {
    await client.invalidateQueries({ queryKey: ["collections"] });
    void client.invalidateQueries({ queryKey: ["records"] });
    toast("Schema imported");
    onDone();
  }
  if (plans === null) return null;
  return plans ? (
    <PlanDialog {...shown} wanted={{ collections: wanted, deleteMissing }} onApplied={applied} />
  ) : (
    <ByHand {...shown} found={plan} wanted={wanted} deleteMissing={deleteMissing} onApplied={applied} />
  );
}

type ByHandProps = Pick<PlanViewProps, "title" | "description" | "changes" | "nothing" | "onClose" | "children"> & {
  found: ImportPlan;
  wanted: Named[];
  deleteMissing: boolean;
  onApplied: () => Promise<void>;
};

/** A server without plans: what would be lost is counted from here. */
function ByHand({ found, wanted, deleteMissing, onApplied, ...shown }: ByHandProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const tables = deleteMissing ? found.missing.filter((collection) => collection.type !== "view") : [];
  const counts = useQueries({ queries: tables.map((collection) => countQuery(collection.name, "")) });
  const loss = [
    ...tables.map(({ name }, index) => ({
      kind: "collection" as const,
      collection: name,
      field: null,
      values: counts[index]?.data ?? null,
    })),
    ...(deleteMissing ? found.missingFields : []).flatMap(({ collection, fields }) =>
      fields.map((field) => ({ kind: "field" as const, collection: collection.name, field, values: null })),
    ),
  ];
  async function apply() {
    setBusy(true);
    setFailure(null);
    try {
      await importCollections(wanted, deleteMissing);
      await onApplied();
    } catch (error) {
      void noticeRefusal(error);
      setFailure(inFull(error));
      setBusy(false);
    }
  }
  return (
    <PlanView
      {...shown}
      plan={{ hash: "", changes: [], steps: [], loss, refs: [], broken: [], blocked: [] }}
      waiting={counts.some((result) => result.isPending)}
      busy={busy}
      failure={failure}
      onToggle={() => undefined}
      onApply={() => void apply()}
    />
  );
}

type MissingProps = { plan: ImportPlan; deleteMissing: boolean; onChange: (deleteMissing: boolean) => void };

function Missing({ plan, deleteMissing, onChange }: MissingProps) {
  const others = plan.missing.length;
  return (
    <>
      {plan.same.length > 0 && <p className="text-ink-3">The same already: {listWords(plan.same)}.</p>}
      {!deleteMissing && others > 0 && (
        <p className="text-ink-2">
          {others === 1 ? "The other collection is" : `The other ${others} collections are`} left alone.
        </p>
      )}
      <SwitchRow
        label="Also delete what is missing"
        help="Collections and fields that are not in the file are deleted with their data."
        checked={deleteMissing}
        onChange={onChange}
      />
    </>
  );
}
