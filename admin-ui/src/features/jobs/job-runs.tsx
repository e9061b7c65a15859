import type { JobRun } from "@/api/operate";
import { DateText } from "@/components/date-text";
import { groupDigits } from "@/lib/words";
import { Badge } from "@/ui/badge";

const tones = { running: "accent", succeeded: "ok", failed: "danger" } as const;

/** Where in the server's own source an error was noticed means nothing to whoever runs it. */
const ownPlace = / \(src\/[\w/]+\.rs:\d+\)$/;

/** How a run ended, in a sentence. */
function RunWords({ run }: { run: JobRun }) {
  const took = run.duration === null ? "" : ` in ${groupDigits(run.duration)} ms`;
  const words = { running: "Running…", succeeded: `Succeeded${took}`, failed: `Failed${took}` }[run.outcome];
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <Badge tone={tones[run.outcome]}>{words}</Badge>
      <span className="text-ink-3">
        <DateText value={run.started} />
      </span>
      {run.error !== null && (
        <span className="basis-full break-words text-danger-text">{run.error.replace(ownPlace, "")}</span>
      )}
    </span>
  );
}

const most = 10;

/** The last run of a job, and those before it behind a click. */
export function JobRuns({ id, runs }: { id: string; runs: JobRun[] }) {
  const [last, ...before] = runs;
  if (!last) return <span className="text-ink-3">Not since the server started</span>;
  return (
    <div role="status" className="text-sm">
      <RunWords run={last} />
      {before.length > 0 && (
        <details className="mt-0.5">
          <summary className="cursor-pointer text-accent-text">Earlier runs</summary>
          <ul aria-label={`Earlier runs of ${id}`} className="mt-1 space-y-1">
            {before.slice(0, most).map((run) => (
              <li key={run.started}>
                <RunWords run={run} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
