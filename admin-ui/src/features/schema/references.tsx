import { Checkbox } from "@/ui/checkbox";
import { count } from "@/lib/words";
import type { Reference, RuleKey } from "./impact";

type ReferencesProps = {
  references: Reference[];
  left: ReadonlySet<string>;
  onToggle: (id: string, fix: boolean) => void;
};

const words: Record<RuleKey | "viewQuery", string> = {
  listRule: "list rule",
  viewRule: "view rule",
  createRule: "create rule",
  updateRule: "update rule",
  deleteRule: "delete rule",
  authRule: "authentication rule",
  manageRule: "manage rule",
  viewQuery: "query",
};

/** Rules and views that name what is changed, each with what it would become. */
export function References({ references, left, onToggle }: ReferencesProps) {
  if (references.length === 0) return null;
  return (
    <section aria-labelledby="references-title">
      <h3 id="references-title" className="mb-1 font-semibold">
        References <span className="font-normal text-ink-3">{count(references.length, "place")}</span>
      </h3>
      <ul aria-label="References" className="divide-y divide-line rounded-md border border-line">
        {references.map((reference) => (
          <li key={reference.id} className="space-y-1 px-3 py-2">
            <p className="flex flex-wrap items-center justify-between gap-2">
              <span className="font-medium">
                {reference.collection.name}, {words[reference.key]}
              </span>
              {reference.after === null ? (
                <span className="text-sm text-danger-text">will not work: it names {reference.names}</span>
              ) : (
                <label className="flex items-center gap-2 text-sm">
                  <Checkbox
                    label={`Fix ${words[reference.key]} of ${reference.collection.name}`}
                    checked={!left.has(reference.id)}
                    onChange={(on) => onToggle(reference.id, on)}
                  />
                  <span aria-hidden>Fix automatically</span>
                </label>
              )}
            </p>
            <code className="block font-mono text-code break-words text-ink-2">{reference.before}</code>
            {reference.after !== null && !left.has(reference.id) && (
              <code className="block font-mono text-code break-words text-ok">{reference.after}</code>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
