import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { ruleCheckQuery, type Counted, type Diagnostic, type RuleAction } from "@/api/rules";
import type { Rule } from "@/api/types";
import { useSettled } from "@/components/use-settled";
import { groupDigits } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { useSampleIdentities } from "./identities";
import { applyFix, distinct, type Asked } from "./model";
import { RuleTestBox, type ActionChoice } from "./rule-test";

/** How long nothing has to be typed before the server is asked. */
export const pause = 200;

type LabProps = {
  collection: string;
  action: RuleAction;
  title: string;
  rule: Rule;
  /** How it is saved; testing is of what stands there now. */
  problems: Diagnostic[];
  asked: Asked | null;
  actions: ActionChoice[];
  onTurn: (asked: Asked) => void;
  onFix: (rule: string) => void;
};

/** What the server says about a rule as it stands, whom it lets through, and why. */
export function RuleLab({ problems, onFix, ...question }: LabProps) {
  const { collection, action, title, rule, asked } = question;
  const [open, setOpen] = useState(asked !== null);
  const settled = useSettled(rule, pause);
  const check = useQuery({ ...ruleCheckQuery(collection, action, settled), enabled: settled !== null });
  const answer = settled === rule ? check.data : undefined;
  return (
    <div className="mt-2 space-y-2">
      {typeof rule === "string" &&
        problems.map((problem) => (
          <Problem key={`${problem.from} ${problem.message}`} rule={rule} problem={problem} onFix={onFix} />
        ))}
      {answer?.words && rule !== "" && (
        <p className="text-sm text-ink-2">
          <span className="font-medium text-ink">In words:</span> {answer.words}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-3">
        <Button size="sm" aria-expanded={open} onClick={() => setOpen(!open)}>
          <FlaskConical size={14} aria-hidden /> Test {title.toLowerCase()}
        </Button>
        {answer?.ok && rule !== "" && rule !== null && <Facts check={answer} list={action === "list"} />}
      </div>
      {open && (
        <>
          <ReachRow collection={collection} action={action} rule={settled} />
          <RuleTestBox {...question} />
        </>
      )}
    </div>
  );
}

const tones = { error: "text-danger-text", warning: "text-warn", info: "text-ink-2" } as const;

type ProblemProps = { rule: string; problem: Diagnostic; onFix: (rule: string) => void };

function Problem({ rule, problem, onFix }: ProblemProps) {
  const { fix } = problem;
  return (
    <p role="status" className={`flex flex-wrap items-center gap-2 text-sm ${tones[problem.severity]}`}>
      {problem.message}
      {fix && (
        <Button size="sm" className="!min-h-6" onClick={() => onFix(applyFix(rule, fix))}>
          Use {fix.text}
        </Button>
      )}
    </p>
  );
}

type FactsProps = {
  check: { conditions: number; joins: unknown[]; index: string | null; scans: boolean };
  list: boolean;
};

function Facts({ check, list }: FactsProps) {
  const { conditions, joins, index, scans } = check;
  return (
    <span>
      {conditions === 1 ? "1 condition" : `${conditions} conditions`}
      {" · "}
      {joins.length === 0 ? "no join" : joins.length === 1 ? "1 join" : `${joins.length} joins`}
      {list && index && ` · index ${index}`}
      {list && !index && scans && " · reads every record"}
    </span>
  );
}

function counted(value: Counted | null, total: number | null): string {
  if (value === null) return "—";
  const of = total === null ? "" : ` of ${groupDigits(total)}`;
  return `${value.complete ? "" : "at least "}${groupDigits(value.count)}${of}`;
}

/** How many records a few people get through to, now and with what is being typed. */
function ReachRow({ collection, action, rule }: { collection: string; action: RuleAction; rule: Rule }) {
  const { identities, nameOf } = useSampleIdentities();
  const wanted = useDeferredValue(identities);
  const check = useQuery({
    ...ruleCheckQuery(collection, action, rule, wanted),
    placeholderData: (previous) => previous,
  });
  const reach = check.data?.reach;
  if (action === "create" || !reach) return null;
  return (
    <div>
      <h4 className="text-sm font-medium text-ink-2">Who gets through</h4>
      <ul aria-label="Who gets through" className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {distinct(reach.identities).map((item) => (
          <li key={nameOf(item.as)} className="tnum flex flex-wrap items-center gap-1.5">
            <span className="text-ink-2">{nameOf(item.as)}</span>
            <span className="font-medium">{counted(item.after, reach.total)}</span>
            {item.widens && <Badge tone="warn">was {counted(item.before, null)}</Badge>}
          </li>
        ))}
        {reach.partial && <li className="text-ink-3">The time was too short to count everything.</li>}
      </ul>
    </div>
  );
}
