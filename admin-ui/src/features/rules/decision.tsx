import { Check, CircleHelp, X } from "lucide-react";
import type { Compare, Explained, Outcome, RuleAction, TreeNode } from "@/api/rules";
import { cx } from "@/lib/cx";
import { groupDigits } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { outcomeWord, shown } from "./model";

/** The verdict, what a client would get, and why: every piece of the rule with its values. */
export function Decision({ action, answer }: { action: RuleAction; answer: Explained }) {
  const { allowed, wireStatus, tree, message } = answer;
  return (
    <div className="space-y-2">
      <p role="status" className="flex flex-wrap items-center gap-2">
        {allowed === null ? (
          <Badge>no record chosen</Badge>
        ) : allowed ? (
          <Badge tone="ok">Allowed</Badge>
        ) : (
          <Badge tone="danger">Denied</Badge>
        )}
        {wireStatus !== null && <span className="font-medium">client gets {wireStatus}</span>}
        {action === "list" && allowed === false && wireStatus === 200 && (
          <span className="text-ink-2">without this record</span>
        )}
        {message && <span className="text-sm text-ink-2">{message}</span>}
      </p>
      {answer.skipped && <p className="text-sm text-ink-2">Rules do not apply to superusers.</p>}
      {answer.error && <p className="text-sm text-danger-text">{answer.error}</p>}
      {answer.partial && (
        <p className="text-sm text-warn">
          A second was not enough to find out everything; what is missing is left out.
        </p>
      )}
      {tree && (
        <ul role="tree" aria-label="Decision" className="space-y-1">
          <Node node={tree} level={1} />
        </ul>
      )}
      {answer.matched !== null && (
        <p className="text-sm text-ink-3">
          Gets through to {answer.matchedComplete ? "" : "at least "}
          {groupDigits(answer.matched)}
          {answer.total !== null && ` of ${groupDigits(answer.total)}`} records.
        </p>
      )}
      {answer.sql && (
        <details>
          <summary className="min-h-6 cursor-pointer text-sm text-ink-2">SQL</summary>
          <code className="block font-mono text-code break-words whitespace-pre-wrap text-ink-2">{answer.sql}</code>
          {answer.plan.map((line) => (
            <code key={line} className="block font-mono text-code break-words text-ink-3">
              {line}
            </code>
          ))}
        </details>
      )}
    </div>
  );
}

function Mark({ outcome }: { outcome: Outcome }) {
  const Icon = outcome === true ? Check : outcome === false ? X : CircleHelp;
  return (
    <Icon
      size={14}
      strokeWidth={2.5}
      className={cx(
        "mt-[3px] shrink-0",
        outcome === true ? "text-ok" : outcome === false ? "text-danger-text" : "text-warn",
      )}
      aria-label={outcomeWord(outcome)}
      role="img"
    />
  );
}

function Node({ node, level }: { node: TreeNode; level: number }) {
  const isLeaf = node.op === "compare";
  return (
    <li role="treeitem" aria-level={level} {...(isLeaf ? {} : { "aria-expanded": true })}>
      <div className="flex items-start gap-2">
        <Mark outcome={node.outcome} />
        <span className="min-w-0">
          <code className="font-mono text-code break-words">
            {isLeaf ? node.text : node.op === "all" ? "all of" : "any of"}
          </code>
          {isLeaf && <Values leaf={node} />}
          {node.note && <span className="block text-sm text-warn">{node.note}</span>}
        </span>
      </div>
      {!isLeaf && (
        <ul role="group" className="mt-1 ml-[6px] space-y-1 border-s border-line ps-4">
          {node.children.map((child) => (
            <Node key={`${child.from} ${child.to}`} node={child} level={level + 1} />
          ))}
        </ul>
      )}
    </li>
  );
}

const mostPairs = 5;

function Values({ leaf }: { leaf: Compare }) {
  if (leaf.pairs.length === 0)
    return <span className="block text-sm text-ink-3">{leaf.outcome === "no record" ? "no record" : "no value"}</span>;
  return (
    <span className="block text-sm text-ink-3">
      {leaf.match !== "one" && `${leaf.match} of ${leaf.pairs.length}: `}
      {leaf.pairs.slice(0, mostPairs).map((pair, index) => (
        // Values repeat.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={index} className="me-3 font-mono text-code break-all">
          {shown(pair.left)} {leaf.operator} {shown(pair.right)}
        </span>
      ))}
    </span>
  );
}
