import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { inFull } from "@/api/errors";
import { applyPlan, movedPlan, planQuery, type Plan, type PlanReference, type Wanted } from "@/api/plan";
import { noticeRefusal } from "@/components/session";
import { fieldsOfRefusal } from "@/lib/refusal";
import { Notice } from "@/ui/notice";
import { PlanView, type PlanViewProps } from "./plan-view";

type PlanDialogProps = Pick<PlanViewProps, "title" | "description" | "changes" | "nothing" | "onClose" | "children"> & {
  wanted: Wanted;
  /** Once it is done. */
  onApplied: () => Promise<void> | void;
  /** The schema is another by now: what is wanted has to take that in first. */
  onMoved?: () => Promise<void>;
  /** The server refuses values of the form; told by their paths. */
  onRefused?: (fields: Record<string, string>, message: string) => void;
};

/** What a change of the collections would do, worked out by the server on a copy, and then just that. */
export function PlanDialog({ wanted, onApplied, onMoved, onRefused, ...shown }: PlanDialogProps) {
  /** What somebody decided about references; the others follow when that is certain to be right. */
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [fixRefs, setFixRefs] = useState<string[] | null>(null);
  const [moved, setMoved] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const request = { ...wanted, ...(fixRefs === null ? {} : { fixRefs }) };
  const query = useQuery(planQuery(request));
  const plan = query.data;

  function choose(id: string, fix: boolean) {
    const next = new Map([...chosen, [id, fix]]);
    setChosen(next);
    setFixRefs(fixed(plan?.refs ?? [], next));
  }
  async function planAgain(fresh: Plan) {
    setMoved(true);
    if (chosen.size > 0) setFixRefs(fixed(fresh.refs, chosen));
    await onMoved?.();
    await query.refetch();
  }
  async function apply() {
    if (!plan) return;
    setBusy(true);
    setFailure(null);
    try {
      await applyPlan(request, plan.hash);
      await onApplied();
    } catch (error) {
      void noticeRefusal(error);
      const fresh = movedPlan(error);
      const said = inFull(error);
      if (fresh) await planAgain(fresh);
      else if (onRefused && Object.keys(fieldsOfRefusal(said)).length > 0) onRefused(fieldsOfRefusal(said), said);
      else setFailure(said);
    } finally {
      setBusy(false);
    }
  }
  return (
    <PlanView
      {...shown}
      plan={plan}
      wanted={wanted.collections}
      onRefused={onRefused}
      waiting={query.isFetching}
      busy={busy}
      failure={failure ?? (query.isError && !plan ? `There is no plan. ${inFull(query.error)}` : null)}
      notice={
        moved && (
          <Notice tone="warn" role="alert">
            The schema moved while you were looking. This is the new plan; look at it again before you apply it.
          </Notice>
        )
      }
      onToggle={choose}
      onApply={() => void apply()}
    />
  );
}

/** References that are to follow. */
function fixed(refs: PlanReference[], chosen: ReadonlyMap<string, boolean>): string[] {
  return refs.filter((ref) => ref.fixable && (chosen.get(ref.id) ?? ref.certain)).map((ref) => ref.id);
}
