import { useState, type ReactNode } from "react";
import type { Plan, PlanLoss, Wanted } from "@/api/plan";
import { TextRow } from "@/components/form-parts";
import { cx } from "@/lib/cx";
import { fieldsOfRefusal, problemsOf, refusalOf } from "@/lib/refusal";
import { count, groupDigits } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { Skeleton } from "@/ui/skeleton";
import { withLosses } from "./losses";
import type { Change } from "./model";
import { Broken, PlanReferences, Steps } from "./plan-parts";

export type PlanViewProps = {
  title?: string;
  description: string;
  /** What the server worked out, or what could be found out without it. */
  plan: Plan | undefined;
  /** What was changed, in words. */
  changes: Change[];
  /** It is being worked out, for the first time or again. */
  waiting: boolean;
  busy: boolean;
  failure: string | null;
  /** What to know before anything else. */
  notice?: ReactNode;
  /** Why an empty list of changes can't be applied. */
  nothing?: string;
  /** What was sent, for the names of what is refused. */
  wanted?: Wanted["collections"];
  /** Where the values are edited, to be shown there. */
  onRefused?: ((fields: Record<string, string>, message: string) => void) | undefined;
  onToggle: (id: string, fix: boolean) => void;
  onApply: () => void;
  onClose: () => void;
  /** More to know before it is applied. */
  children?: ReactNode;
};

/** What a change of the collections would do, in words, numbers and statements, before it is done. */
export function PlanView(props: PlanViewProps) {
  const { title = "Review schema changes", description, plan, changes, waiting, busy, failure, onClose } = props;
  const [accepted, setAccepted] = useState("");
  const lost = plan?.loss ?? [];
  const gone = lost.filter((loss) => loss.kind === "collection");
  const loses = gone.length > 0 || lost.some((loss) => loss.values === null || loss.values > 0);
  /** A whole collection asks for its name. */
  const word = gone[0]?.collection ?? "yes";
  const blocked = !plan
    ? "There is no plan yet"
    : plan.blocked.length > 0
      ? "It can't be applied like this"
      : props.nothing !== undefined && changes.length === 0
        ? props.nothing
        : loses && accepted !== word
          ? gone.length > 0
            ? `Type ${word} first`
            : "Confirm first that the values may go"
          : null;
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
            blocked={blocked}
            onClick={() => props.onApply()}
          >
            Apply changes
          </Button>
        </>
      }
    >
      <div className="space-y-4 pb-2" aria-busy={waiting}>
        {props.notice}
        {failure && (
          <Notice tone="danger" role="alert">
            <span className="whitespace-pre-wrap">{failure}</span>
          </Notice>
        )}
        {!plan && waiting && <Skeleton className="!h-24 w-full" />}
        {plan && <Verdict plan={plan} loses={loses} />}
        {plan?.blocked.map((reason) => (
          <Refused key={refusalOf(reason)} reason={reason} wanted={props.wanted ?? []} onShow={props.onRefused} />
        ))}
        <ChangeList changes={withLosses(changes, lost)} />
        {props.children}
        {loses && <Losses losses={lost} />}
        {plan && (
          <>
            <PlanReferences references={plan.refs} onToggle={props.onToggle} />
            <Broken items={plan.broken} />
            <ApiImpact changes={changes} />
            <Steps steps={plan.steps} />
          </>
        )}
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

type RefusedProps = {
  reason: Plan["blocked"][number];
  wanted: Wanted["collections"];
  onShow: PlanViewProps["onRefused"];
};

/** What the server would not accept, before it is asked to. */
function Refused({ reason, wanted, onShow }: RefusedProps) {
  const text = refusalOf(reason);
  const fields = fieldsOfRefusal(text);
  return (
    <Notice tone="danger" role="alert">
      <p className="font-medium">It can&apos;t be applied like this.</p>
      <ul aria-label="Problems" className="list-disc ps-5">
        {problemsOf(reason, wanted).map((problem) => (
          <li key={problem} className="break-words">
            {problem}
          </li>
        ))}
      </ul>
      {onShow && Object.keys(fields).length > 0 && (
        <Button size="sm" className="mt-1.5" onClick={() => onShow(fields, text)}>
          Show in the form
        </Button>
      )}
    </Notice>
  );
}

const sumOf = (losses: PlanLoss[]) => losses.reduce((sum, loss) => sum + (loss.values ?? 0), 0);

function Verdict({ plan, loses }: { plan: Plan; loses: boolean }) {
  const gone = plan.loss.filter((loss) => loss.kind === "collection");
  const emptied = plan.loss.filter((loss) => loss.kind !== "collection");
  const rewritten = plan.steps
    .filter((step) => step.rewrites)
    .reduce((most, step) => Math.max(most, step.rows ?? 0), 0);
  return (
    <p className="flex flex-wrap gap-2">
      {!loses && plan.blocked.length === 0 && <Badge tone="ok">No data loss</Badge>}
      {gone.length > 0 && (
        <Badge tone="danger">
          Loses {count(sumOf(gone), "record")} in {count(gone.length, "collection")}
        </Badge>
      )}
      {loses && emptied.length > 0 && (
        <Badge tone="danger">
          Loses data in {count(emptied.length, "field")}
          {sumOf(emptied) > 0 && ` (${groupDigits(sumOf(emptied))} non-empty values)`}
        </Badge>
      )}
      {rewritten > 0 && <Badge tone="warn">Writes {count(rewritten, "row")} anew</Badge>}
      {plan.refs.length > 0 && <Badge>{count(plan.refs.length, "reference")}</Badge>}
      {plan.broken.length > 0 && <Badge tone="danger">Breaks {count(plan.broken.length, "place")}</Badge>}
    </p>
  );
}

const signTones = { "+": "text-ok", "−": "text-danger-text", "~": "text-warn" } as const;

function ChangeList({ changes }: { changes: Change[] }) {
  if (changes.length === 0) return null;
  return (
    <ul aria-label="Changes" className="divide-y divide-line rounded-md border border-line">
      {changes.map((change) => (
        <li key={change.key} className="flex gap-3 px-3 py-2">
          <span aria-hidden className={cx("w-3 shrink-0 text-center font-mono", signTones[change.sign])}>
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

/** What programs notice: their texts are not here, so that they can't follow. */
function ApiImpact({ changes }: { changes: Change[] }) {
  const noticed = changes.filter((change) => change.api !== undefined);
  if (noticed.length === 0) return null;
  return (
    <section aria-labelledby="api-title">
      <h3 id="api-title" className="mb-1 font-semibold">
        API <span className="font-normal text-ink-3">programs have to follow by themselves</span>
      </h3>
      <ul aria-label="API" className="list-disc ps-5">
        {noticed.map((change) => (
          <li key={change.key} className="break-words">
            {change.api}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Losses({ losses }: { losses: PlanLoss[] }) {
  return (
    <section aria-labelledby="loss-title">
      <Notice tone="danger">
        <h3 id="loss-title" className="font-semibold">
          Data that is deleted
        </h3>
        <ul aria-label="Data" className="list-disc ps-5">
          {losses.map((loss) => (
            <li key={`${loss.kind} ${loss.collection} ${loss.field ?? ""}`}>
              {loss.field ? `${loss.collection}.${loss.field}` : loss.collection}:{" "}
              {loss.values === null
                ? "not counted"
                : count(loss.values, loss.kind === "collection" ? "record" : "value")}
              {loss.kind === "items" && ", all but the first of each"}
            </li>
          ))}
        </ul>
      </Notice>
    </section>
  );
}
