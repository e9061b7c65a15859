import type { Collection } from "@/api/types";
import { count } from "@/lib/words";
import { Badge } from "@/ui/badge";

/** What a collection that is about to be made will be. */
export function NewSummary({ draft }: { draft: Collection }) {
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
