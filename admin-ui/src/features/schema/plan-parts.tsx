import type { PlanReference, PlanStep } from "@/api/plan";
import { isObject, toText } from "@/lib/assert";
import { count } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { Checkbox } from "@/ui/checkbox";
import { Notice } from "@/ui/notice";

const kinds: Record<PlanReference["kind"], string> = {
  rule: "rule",
  option: "option",
  index: "index",
  view: "view",
  hook: "script",
};

/** `orders.listRule` is what the server calls it; people say the list rule of orders. */
export function placeOf(reference: Pick<PlanReference, "kind" | "where" | "line">): string {
  const { kind, where, line } = reference;
  if (kind === "hook") return line === null ? where : `${where}, line ${line}`;
  if (kind === "view") return `query of ${where}`;
  const [collection = "", member = ""] = where.split(/\.(.*)/);
  const words = member.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return kind === "index" ? `index ${member} of ${collection}` : `${words} of ${collection}`;
}

type ReferencesProps = { references: PlanReference[]; onToggle: (id: string, fix: boolean) => void };

/** Rules, views, indexes and scripts that name what is changed, each with what it would become. */
export function PlanReferences({ references, onToggle }: ReferencesProps) {
  if (references.length === 0) return null;
  return (
    <section aria-labelledby="references-title">
      <h3 id="references-title" className="mb-1 font-semibold">
        References <span className="font-normal text-ink-3">{count(references.length, "place")}</span>
      </h3>
      <ul aria-label="References" className="divide-y divide-line rounded-md border border-line">
        {references.map((reference) => (
          <li key={reference.id} className="space-y-1 px-3 py-2">
            <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
              <span className="flex min-w-0 flex-wrap items-center gap-2 font-medium">
                <Badge>{kinds[reference.kind]}</Badge>
                <span className="min-w-0 break-words">{placeOf(reference)}</span>
                {!reference.certain && <Badge tone="warn">perhaps</Badge>}
              </span>
              {reference.fixable ? (
                <label className="flex items-center gap-2 text-sm">
                  <Checkbox
                    label={`Fix ${placeOf(reference)}`}
                    checked={reference.fix}
                    onChange={(on) => onToggle(reference.id, on)}
                  />
                  <span aria-hidden>Fix automatically</span>
                </label>
              ) : (
                <span className="text-sm text-danger-text">
                  {reference.after === null ? "names what is removed" : "has to be changed by hand"}
                </span>
              )}
            </div>
            <code className="block font-mono text-code break-words text-ink-2">{reference.before.trim()}</code>
            {reference.after !== null && (
              <code
                className={
                  reference.fix
                    ? "block font-mono text-code break-words text-ok"
                    : "block font-mono text-code break-words text-ink-3 line-through"
                }
              >
                {reference.after.trim()}
              </code>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What works now and would not afterwards. */
export function Broken({ items }: { items: unknown[] }) {
  if (items.length === 0) return null;
  return (
    <Notice tone="danger" role="alert">
      <p className="font-medium">{count(items.length, "place")} would no longer work</p>
      <ul className="list-disc ps-5">
        {items.filter(isObject).map((item) => (
          <li key={toText(item["where"])}>
            {toText(item["where"])}: {toText(item["error"])}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** The statements, for those who read them. */
export function Steps({ steps }: { steps: PlanStep[] }) {
  if (steps.length === 0) return null;
  return (
    <details>
      <summary className="min-h-6 cursor-pointer font-semibold">
        SQL <span className="font-normal text-ink-3">{count(steps.length, "statement")}</span>
      </summary>
      <ol aria-label="SQL" className="mt-1 divide-y divide-line rounded-md border border-line">
        {steps.map((step) => (
          <li key={step.sql} className="px-3 py-2">
            <code className="block font-mono text-code break-words whitespace-pre-wrap">{step.sql}</code>
            {step.rows !== null && (
              <span className="text-sm text-ink-3">
                {count(step.rows, "row")}, {step.rewrites ? "all written anew" : "none is written"}
              </span>
            )}
          </li>
        ))}
      </ol>
    </details>
  );
}
