import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { countQuery } from "@/api/records";
import type { Collection, Field } from "@/api/types";
import { count } from "@/lib/words";
import { Elsewhere } from "./elsewhere";
import { impactOf, type Reference } from "./impact";
import { changesOf, type Change } from "./model";
import { NewSummary } from "./new-summary";
import { PlanView } from "./plan-view";

type ReviewDialogProps = {
  base: Collection;
  draft: Collection;
  isNew: boolean;
  busy: boolean;
  failure: string | null;
  /** All collections, to look for rules and views that name what changes. */
  collections: Collection[];
  /** What others changed since it was begun here. */
  elsewhere: Change[];
  onApply: (fixes: Reference[]) => void;
  onClose: () => void;
};

/** The plan for a server that makes none: what can be found out by looking at definitions and by counting. */
export function ReviewDialog({ base, draft, isNew, collections, elsewhere, onApply, ...shown }: ReviewDialogProps) {
  const changes = isNew ? [] : changesOf(base, draft);
  const lost = changes.flatMap((change) => (change.loss ? [change.loss] : []));
  const counts = useQueries({
    queries: lost.map((field) => ({
      ...countQuery(base.name, `${field.name} != ${emptyLiteral(field)}`),
      staleTime: 0,
    })),
  });
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const references = isNew ? [] : impactOf(base, draft, collections);
  const refs = references.map(({ id, collection, key, before, after }) => ({
    id,
    kind: key === "viewQuery" ? ("view" as const) : ("rule" as const),
    where: key === "viewQuery" ? collection.name : `${collection.name}.${key}`,
    line: null,
    before,
    after,
    certain: true,
    fixable: after !== null,
    fix: after !== null && !left.has(id),
  }));
  const loss = lost.map((field, index) => ({
    kind: "field" as const,
    collection: base.name,
    field: field.name,
    values: counts[index]?.data ?? null,
  }));
  return (
    <PlanView
      {...shown}
      description={isNew ? `New collection ${draft.name}` : `${count(changes.length, "change")} to ${base.name}`}
      changes={changes}
      plan={{ hash: "", changes: [], steps: [], loss, refs, broken: [], blocked: [] }}
      waiting={counts.some((result) => result.isPending)}
      onToggle={(id, fix) => setLeft((now) => new Set(fix ? [...now].filter((other) => other !== id) : [...now, id]))}
      onApply={() => onApply(references.filter(({ id, after }) => after !== null && !left.has(id)))}
    >
      <Elsewhere changes={elsewhere} />
      {isNew && <NewSummary draft={draft} />}
    </PlanView>
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
