import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { insightsQuery } from "@/api/insights";
import type { Collection } from "@/api/types";
import { NoData } from "@/components/unavailable";
import type { DraftHandle } from "@/components/use-draft";
import { redactText } from "@/lib/redact";
import { count, groupDigits } from "@/lib/words";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";

/** What a week of requests says: what is slow, what fails, and which indexes would help or are of no use. */
export function InsightsTab({ draft }: { draft: DraftHandle<Collection> }) {
  const { base, value } = draft;
  const query = useQuery(insightsQuery(base.id));
  const data = query.data;
  if (query.isError && !data)
    return <NoData what="Insights" error={query.error} onRetry={() => void query.refetch()} />;
  if (!data)
    return (
      <div aria-busy className="p-4">
        <Skeleton className="!h-32 w-full" />
      </div>
    );
  return (
    <div className="mx-auto w-full max-w-[900px] space-y-6 px-4 py-6">
      <p className="text-ink-2">
        From {count(data.entries, "request")} of the last seven days. Values are left out: requests that differ in them
        alone count as one kind.
      </p>
      <Part title="Indexes that are missing" empty="None that the planner would use.">
        {data.missingIndexes.map((index) => (
          <li key={index.statement} className="flex flex-wrap items-center gap-2 px-3 py-2">
            <span className="min-w-0 flex-1">
              <code className="block font-mono text-code break-words">{index.statement}</code>
              <span className="block text-sm break-words text-ink-3">
                for {redactText(index.for)}, which reads {count(index.rows, "row")}
              </span>
            </span>
            <Button
              blocked={value.indexes.includes(index.statement) ? "It is among the changes already" : null}
              onClick={() => draft.set({ indexes: [...value.indexes, index.statement] })}
            >
              Add index
            </Button>
          </li>
        ))}
      </Part>
      <Part title="Indexes that nothing uses" empty="Every index is used by a rule or by a list in the log.">
        {data.unusedIndexes.map((index) => (
          <li key={index.index} className="flex flex-wrap items-center gap-2 px-3 py-2">
            <code className="min-w-0 flex-1 font-mono text-code break-words">{index.index}</code>
            <Button
              blocked={
                value.indexes.some((sql) => sql.includes(index.index)) ? null : "It is among the changes already"
              }
              onClick={() => draft.set({ indexes: value.indexes.filter((sql) => !names(sql, index.index)) })}
            >
              Remove index
            </Button>
          </li>
        ))}
      </Part>
      <Part title="Slowest kinds of requests" empty="No requests in the log.">
        {data.slowest.map((kind) => (
          <li key={kind.request} className="px-3 py-2">
            <code className="block font-mono text-code break-words">{redactText(kind.request)}</code>
            <span className="tnum block text-sm text-ink-3">
              {count(kind.count, "time", "times")}, {kind.meanMs.toFixed(1)} ms on average, 95 % within{" "}
              {kind.p95Ms.toFixed(1)} ms, {groupDigits(Math.round(kind.totalMs))} ms in all
            </span>
          </li>
        ))}
      </Part>
      <Part title="What fails most" empty="No request failed.">
        {data.failures.map((failure) => (
          <li key={`${failure.request} ${failure.status} ${failure.error}`} className="px-3 py-2">
            <span className="tnum font-medium">
              {failure.status} · {count(failure.count, "time", "times")}
            </span>{" "}
            <code className="font-mono text-code break-words">{redactText(failure.request)}</code>
            {failure.error !== "" && (
              <span className="block text-sm break-words text-ink-3">{redactText(failure.error)}</span>
            )}
          </li>
        ))}
      </Part>
    </div>
  );
}

function names(sql: string, index: string): boolean {
  return new RegExp(`index\\s+(?:if\\s+not\\s+exists\\s+)?[\`"[]?${index}\\b`, "i").test(sql);
}

function Part({ title, empty, children }: { title: string; empty: string; children: ReactNode[] }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-lg font-semibold">{title}</h2>
      {children.length === 0 ? (
        <p className="text-ink-3">{empty}</p>
      ) : (
        <ul className="divide-y divide-line rounded-md border border-line bg-bg">{children}</ul>
      )}
    </section>
  );
}
