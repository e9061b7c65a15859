import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { countQuery } from "@/api/records";
import type { Collection, Field } from "@/api/types";
import { count, groupDigits } from "@/lib/words";
import { cx } from "@/lib/cx";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { impactOf, type Reference } from "./impact";
import { changesOf } from "./model";
import { References } from "./references";

type ReviewDialogProps = {
  base: Collection;
  draft: Collection;
  isNew: boolean;
  busy: boolean;
  failure: string | null;
  /** All collections, to look for rules and views that name what changes. */
  collections: Collection[];
  onApply: (fixes: Reference[]) => void;
  onClose: () => void;
};

/** Everything that is about to happen, and how many values would be lost, before it happens. */
export function ReviewDialog({ base, draft, isNew, busy, failure, collections, onApply, onClose }: ReviewDialogProps) {
  const changes = changesOf(base, draft);
  const lost = changes.flatMap((change) => (change.loss ? [change.loss] : []));
  const counts = useQueries({
    queries: lost.map((field) => ({
      ...countQuery(base.name, `${field.name} != ${emptyLiteral(field)}`),
      staleTime: 0,
    })),
  });
  const values = counts.reduce((sum, result) => sum + (result.data ?? 0), 0);
  const counted = counts.every((result) => !result.isPending);
  const [accepted, setAccepted] = useState(false);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const references = isNew ? [] : impactOf(base, draft, collections);
  const fixes = references.filter((reference) => reference.after !== null && !left.has(reference.id));
  const loses = !isNew && lost.length > 0 && (values > 0 || counts.some((result) => result.isError));
  return (
    <Modal
      title="Review schema changes"
      description={isNew ? `New collection ${draft.name}` : `${count(changes.length, "change")} to ${base.name}`}
      width="lg"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button
            tone={loses ? "danger" : "primary"}
            busy={busy || !counted}
            blocked={loses && !accepted ? "Confirm first that the values may go" : null}
            onClick={() => onApply(fixes)}
          >
            Apply changes
          </Button>
        </>
      }
    >
      <div className="space-y-4 pb-2">
        {failure && (
          <Notice tone="danger" role="alert">
            {failure}
          </Notice>
        )}
        {loses ? (
          <Badge tone="danger">
            Loses data in {count(lost.length, "field")}
            {values > 0 && ` (${groupDigits(values)} non-empty values)`}
          </Badge>
        ) : (
          <Badge tone="ok">No data loss</Badge>
        )}
        {isNew ? (
          <NewCollection draft={draft} />
        ) : (
          <ul className="divide-y divide-line rounded-md border border-line">
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
        )}
        <References
          references={references}
          left={left}
          onToggle={(id, fix) =>
            setLeft((now) => new Set(fix ? [...now].filter((other) => other !== id) : [...now, id]))
          }
        />
        {loses && (
          <label className="flex items-center gap-2">
            <Checkbox label="I know that these values are deleted" checked={accepted} onChange={setAccepted} />
            <span aria-hidden>I know that these values are deleted for good.</span>
          </label>
        )}
      </div>
    </Modal>
  );
}

function NewCollection({ draft }: { draft: Collection }) {
  const own = draft.fields.filter((field) => !field.system);
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-2">
      <dt className="text-ink-3">Type</dt>
      <dd>{draft.type}</dd>
      {draft.type === "view" ? (
        <>
          <dt className="text-ink-3">Query</dt>
          <dd className="min-w-0 font-mono text-code break-words whitespace-pre-wrap">{draft.viewQuery}</dd>
        </>
      ) : (
        <>
          <dt className="text-ink-3">Fields</dt>
          <dd className="flex flex-wrap gap-1">
            {own.map((field) => (
              <Badge key={field.id}>
                {field.name} <span className="text-ink-3">{field.type}</span>
              </Badge>
            ))}
          </dd>
          <dt className="text-ink-3">Indexes</dt>
          <dd>{draft.indexes.length === 0 ? "none" : count(draft.indexes.length, "index", "indexes")}</dd>
        </>
      )}
    </dl>
  );
}

/** What a filter compares an empty value of a field with. */
function emptyLiteral(field: Field): string {
  switch (field.type) {
    case "number":
      return "0";
    case "bool":
      return "false";
    case "json":
      return "null";
    case "select":
    case "relation":
    case "file":
      return field.maxSelect > 1 ? '"[]"' : '""';
    default:
      return '""';
  }
}
