import { useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { dryRunView } from "@/api/collections";
import { toUiError } from "@/api/errors";
import { FieldCell, kinds } from "@/fields/registry";
import { count } from "@/lib/words";
import { FieldBox, FieldError } from "@/ui/field";
import { ProgressLine } from "@/ui/skeleton";

type ViewQueryProps = { query: string; error: string | undefined; onChange: (query: string) => void };

/** The SQL of a view and, beside it, what it gives right now. */
export function ViewQuery({ query, error, onChange }: ViewQueryProps) {
  const settled = useDeferredValue(query.trim());
  const run = useQuery({
    queryKey: ["dry-run-view", settled],
    queryFn: async ({ signal }) => {
      // A short pause, so that not every key stroke is a query.
      await new Promise((resolve) => setTimeout(resolve, 350));
      if (signal.aborted) throw new Error("superseded");
      return dryRunView(settled, signal);
    },
    enabled: settled !== "",
    retry: false,
    placeholderData: (previous) => previous,
  });
  const failure = run.isError ? toUiError(run.error).title : undefined;
  return (
    <>
      <FieldBox
        label="Select query"
        required
        error={error}
        help="Needs a unique id column, e.g. (ROW_NUMBER() OVER()) as id; columns are named one by one instead of *."
      >
        {(control) => (
          <textarea
            {...control}
            rows={6}
            spellCheck={false}
            className="control font-mono text-code"
            placeholder={"SELECT id, title, created\nFROM articles\nWHERE published = true"}
            value={query}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </FieldBox>
      <section aria-label="Sample of the result">
        <h2 className="mb-2 text-lg font-semibold">Result</h2>
        {settled === "" && <p className="text-ink-3">Write a query to see its first rows.</p>}
        {failure && <FieldError message={failure} />}
        {run.data && (
          <div
            className="wider-than-seen relative overflow-x-auto rounded-md border border-line"
            aria-busy={run.isFetching}
            tabIndex={0}
            role="region"
            aria-label="Sample rows"
          >
            <ProgressLine active={run.isFetching} />
            <table className="w-full border-collapse text-start">
              <thead>
                <tr className="border-b border-line bg-canvas">
                  {run.data.fields.map((field) => {
                    const Icon = kinds[field.type].icon;
                    return (
                      <th
                        key={field.name}
                        scope="col"
                        className="h-9 px-3 text-start font-medium whitespace-nowrap text-ink-2"
                      >
                        <span className="flex items-center gap-1.5">
                          <Icon size={14} strokeWidth={1.75} aria-hidden className="text-ink-3" />
                          {field.name}
                        </span>
                      </th>
                    );
                  })}
                </tr>
              </thead>
              <tbody>
                {run.data.sample.map((row) => (
                  <tr key={row.id} className="border-b border-line last:border-0">
                    {run.data.fields.map((field) => (
                      <td key={field.name} className="h-9 max-w-64 px-3">
                        <span className="flex">
                          <FieldCell field={field} value={row[field.name]} record={row} />
                        </span>
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
            <p className="border-t border-line px-3 py-1.5 text-sm text-ink-3">
              {count(run.data.fields.length, "field")} · first {count(run.data.sample.length, "row")}
            </p>
          </div>
        )}
      </section>
    </>
  );
}
