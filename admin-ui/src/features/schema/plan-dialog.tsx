import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { inFull } from "@/api/errors";
import { applyPlan, movedPlan, planQuery, type Plan, type PlanReference, type Wanted } from "@/api/plan";
import { TextRow } from "@/components/form-parts";
import { noticeRefusal } from "@/components/session";
import { cx } from "@/lib/cx";
import { fieldsOfRefusal, refusalOf } from "@/lib/refusal";
import { count, groupDigits } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { Skeleton } from "@/ui/skeleton";
import type { Change } from "./model";
import { Broken, PlanReferences, Steps } from "./plan-parts";

type PlanDialogProps = {
  title?: string;
  description: string;
  wanted: Wanted;
  /** What was changed, in words. */
  changes: Change[];
  /** Once it is done. */
  onApplied: () => Promise<void> | void;
  /** The server refuses values of the form; told by their paths. */
  onRefused?: (fields: Record<string, string>, message: string) => void;
  onClose: () => void;
  /** More to know before it is applied. */
  children?: ReactNode;
};

/** What a change of the collections would do, worked out by the server on a copy, and then just that. */
export function PlanDialog(props: PlanDialogProps) {
  const { title = "Review schema changes", description, wanted, changes, onApplied, onRefused, onClose } = props;
  /** What somebody decided about references; the others follow when that is certain to be right. */
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [fixRefs, setFixRefs] = useState<string[] | null>(null);
  const [moved, setMoved] = useState(false);
  const [accepted, setAccepted] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const request = { ...wanted, ...(fixRefs === null ? {} : { fixRefs }) };
  const query = useQuery(planQuery(request));
  const plan = query.data;
  const lost = plan?.loss ?? [];
  const values = lost.reduce((sum, loss) => sum + (loss.values ?? 0), 0);
  const gone = lost.filter((loss) => loss.kind === "collection");
  const loses = lost.length > 0 && (values > 0 || gone.length > 0 || lost.some((loss) => loss.values === null));
  /** A whole collection asks for its name. */
  const word = gone[0]?.collection ?? "yes";
  const waiting = query.isFetching;

  function choose(id: string, fix: boolean) {
    const next = new Map([...chosen, [id, fix]]);
    setChosen(next);
    setFixRefs(fixed(plan?.refs ?? [], next));
  }
  async function planAgain(fresh: Plan) {
    setMoved(true);
    if (chosen.size > 0) setFixRefs(fixed(fresh.refs, chosen));
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
    <Modal
      title={title}
      description={description}
      width="lg"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button
            tone={loses ? "danger" : "primary"}
            busy={busy || waiting}
            blocked={
              !plan
                ? "There is no plan yet"
                : loses && accepted !== word
                  ? gone.length > 0
                    ? `Type ${word} first`
                    : "Confirm first that the values may go"
                  : null
            }
            onClick={() => void apply()}
          >
            Apply changes
          </Button>
        </>
      }
    >
      <div className="space-y-4 pb-2" aria-busy={waiting}>
        {moved && (
          <Notice tone="warn" role="alert">
            The schema moved while you were looking. This is the new plan; look at it again before you apply it.
          </Notice>
        )}
        {failure && (
          <Notice tone="danger" role="alert">
            {failure}
          </Notice>
        )}
        {query.isError && !plan && (
          <Notice tone="danger" role="alert">
            There is no plan. {inFull(query.error)}
          </Notice>
        )}
        {!plan && !query.isError && <Skeleton className="!h-24 w-full" />}
        {plan && <Verdict plan={plan} loses={loses} values={values} />}
        {plan?.blocked.map((blocked) => (
          <Notice key={blocked.message} tone="danger" role="alert">
            <p className="font-medium">It can&apos;t be applied like this.</p>
            <p className="whitespace-pre-wrap">{refusalOf(blocked)}</p>
          </Notice>
        ))}
        <ChangeList changes={changes} />
        {props.children}
        {loses && <Losses plan={plan} />}
        {plan && <PlanReferences references={plan.refs} onToggle={choose} />}
        {plan && <Broken items={plan.broken} />}
        {plan && <Steps steps={plan.steps} />}
        {loses && gone.length === 0 && (
          <label className="flex items-center gap-2">
            <Checkbox
              label="I know that these values are deleted"
              checked={accepted === word}
              onChange={(on) => setAccepted(on ? word : "")}
            />
            <span aria-hidden>I know that these values are deleted for good.</span>
          </label>
        )}
        {gone.length > 0 && <TextRow label={`Type ${word} to go on`} value={accepted} onChange={setAccepted} />}
      </div>
    </Modal>
  );
}

/** References that are to follow. */
function fixed(refs: PlanReference[], chosen: ReadonlyMap<string, boolean>): string[] {
  return refs.filter((ref) => ref.fixable && (chosen.get(ref.id) ?? ref.certain)).map((ref) => ref.id);
}

function Verdict({ plan, loses, values }: { plan: Plan; loses: boolean; values: number }) {
  const fields = plan.loss.filter((loss) => loss.kind !== "collection").length;
  const rewritten = plan.steps
    .filter((step) => step.rewrites)
    .reduce((most, step) => Math.max(most, step.rows ?? 0), 0);
  return (
    <p className="flex flex-wrap gap-2">
      {loses ? (
        <Badge tone="danger">
          Loses data in {fields > 0 ? count(fields, "field") : count(plan.loss.length, "collection")}
          {values > 0 && ` (${groupDigits(values)} non-empty values)`}
        </Badge>
      ) : (
        <Badge tone="ok">No data loss</Badge>
      )}
      {rewritten > 0 && <Badge tone="warn">Writes {count(rewritten, "row")} anew</Badge>}
      {plan.refs.length > 0 && <Badge>{count(plan.refs.length, "reference")}</Badge>}
      {plan.broken.length > 0 && <Badge tone="danger">Breaks {count(plan.broken.length, "place")}</Badge>}
    </p>
  );
}

function ChangeList({ changes }: { changes: Change[] }) {
  if (changes.length === 0) return null;
  return (
    <ul aria-label="Changes" className="divide-y divide-line rounded-md border border-line">
      {changes.map((change) => (
        <li key={change.key} className="flex gap-3 px-3 py-2">
          <span
            aria-hidden
            className={cx(
              "w-3 shrink-0 text-center font-mono",
              change.sign === "+" ? "text-ok" : change.sign === "−" ? "text-danger-text" : "text-warn",
            )}
          >
            {change.sign}
          </span>
          <span className="min-w-0">
            <span className="block font-medium">{change.text}</span>
            {change.detail && <span className="block text-sm break-words text-ink-2">{change.detail}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Losses({ plan }: { plan: Plan | undefined }) {
  return (
    <section aria-labelledby="loss-title">
      <h3 id="loss-title" className="mb-1 font-semibold">
        Data
      </h3>
      <ul className="list-disc ps-5">
        {plan?.loss.map((loss) => (
          <li key={`${loss.kind} ${loss.collection} ${loss.field ?? ""}`}>
            {loss.field ? `${loss.collection}.${loss.field}` : loss.collection}:{" "}
            {loss.values === null ? "not counted" : count(loss.values, loss.kind === "collection" ? "record" : "value")}
            {loss.kind === "items" && ", all but the first of each"}
          </li>
        ))}
      </ul>
    </section>
  );
}
