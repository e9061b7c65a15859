import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useState } from "react";
import { inFull } from "@/api/errors";
import { jobRunsQuery, jobsQuery, runJob, type Job, type JobRun } from "@/api/operate";
import { DateText } from "@/components/date-text";
import { EmptyPanel } from "@/components/panels";
import { prefs } from "@/components/prefs";
import { NoData } from "@/components/unavailable";
import { cronWords, nextRuns } from "@/lib/cron";
import { formatTyped, toWire } from "@/lib/dates";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";
import { useStore } from "@/ui/use-store";
import { JobRuns } from "./job-runs";

/** Scheduled jobs: when they are due next, and a way to run them now. */
export function JobsPage() {
  const query = useQuery(jobsQuery);
  const runs = useQuery(jobRunsQuery).data ?? null;
  if (query.isError && !query.data)
    return <NoData page what="Jobs" error={query.error} onRetry={() => void query.refetch()} />;
  const jobs = query.data ?? [];
  const own = jobs.filter((job) => !job.id.startsWith("__pb"));
  const system = jobs.filter((job) => job.id.startsWith("__pb"));
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-[1000px] space-y-6 px-4 py-6">
        <header>
          <h1 className="text-xl font-semibold">Jobs</h1>
          <p className="mt-1 text-ink-2">Run by the server at set times.</p>
        </header>
        {query.isPending && <Skeleton className="!h-40 w-full" />}
        {query.data && (
          <>
            {own.length > 0 ? (
              <JobTable title="Your jobs" jobs={own} runs={runs} />
            ) : (
              <EmptyPanel title="No jobs of your own">Scripts can add some with a schedule and a name.</EmptyPanel>
            )}
            {system.length > 0 && <JobTable title="System jobs" jobs={system} runs={runs} />}
          </>
        )}
      </div>
    </div>
  );
}

/** `runs` is `null` where the server does not remember them. */
type JobTableProps = { title: string; jobs: Job[]; runs: JobRun[] | null };

function JobTable({ title, jobs, runs }: JobTableProps) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-lg font-semibold">{title}</h2>
      <div
        className="wider-than-seen overflow-x-auto rounded-md border border-line"
        role="region"
        aria-label={`Table of ${title.toLowerCase()}`}
        tabIndex={0}
      >
        <table className="w-full border-collapse">
          <thead>
            <tr className="border-b border-line bg-canvas text-ink-2">
              <th scope="col" className="h-9 px-3 text-start font-medium">
                Job
              </th>
              <th scope="col" className="px-3 text-start font-medium max-sm:hidden">
                When
              </th>
              <th scope="col" className="px-3 text-start font-medium max-md:hidden">
                Next
              </th>
              {runs && (
                <th scope="col" className="px-3 text-start font-medium max-sm:hidden">
                  Last run
                </th>
              )}
              <th scope="col" className="px-3 text-start font-medium">
                <span className="sr-only">Run</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {jobs.map((job) => (
              <JobRow key={job.id} job={job} runs={runs && runs.filter((run) => run.id === job.id)} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const systemWords: Record<string, string> = {
  __pbDBOptimize__: "Tidies the databases",
  __pbMFACleanup__: "Removes unfinished two-factor sign-ins",
  __pbOTPCleanup__: "Removes old one-time codes",
  __pbLogsCleanup__: "Removes old log entries",
  __pbAutoBackup__: "Makes the scheduled backup",
  __pbRateLimitersCleanup__: "Forgets clients that are no longer limited",
};

type Run = { state: "running" } | { state: "started"; at: Date } | { state: "failed"; why: string };

function JobRow({ job, runs }: { job: Job; runs: JobRun[] | null }) {
  const client = useQueryClient();
  const [run, setRun] = useState<Run | null>(null);
  const { zone } = useStore(prefs);
  const [opened] = useState(() => new Date());
  const next = nextRuns(job.expression, opened, 3);
  const words = cronWords(job.expression);
  /** A run is known a moment after it was asked for; its outcome comes by itself from then on. */
  async function follow() {
    if (runs === null) return;
    const before = runs[0]?.started;
    for (let tries = 0; tries < 10; tries += 1) {
      const known = await client.fetchQuery({ ...jobRunsQuery, staleTime: 0 });
      const last = known.find((one) => one.id === job.id)?.started;
      if (last !== undefined && last !== before) return;
      await new Promise((resolve) => {
        setTimeout(resolve, 300);
      });
    }
  }
  async function start() {
    setRun({ state: "running" });
    try {
      await runJob(job.id);
      setRun({ state: "started", at: new Date() });
      await follow();
    } catch (error) {
      setRun({ state: "failed", why: inFull(error) });
    }
  }
  return (
    <tr className="border-b border-line last:border-0">
      <th scope="row" className="h-12 px-3 py-1.5 text-start font-normal">
        <span className="block min-w-32 font-mono text-code break-all">{job.id}</span>
        <span className="block text-sm text-ink-3">{systemWords[job.id] ?? ""}</span>
        <span className="block text-sm text-ink-3 sm:hidden">{words}</span>
        {runs && runs.length > 0 && (
          <div className="sm:hidden">
            <JobRuns id={job.id} runs={runs.slice(0, 1)} />
          </div>
        )}
        <span role="status" className="block text-sm">
          {run?.state === "started" && runs === null && (
            <span className="text-ok">
              Started <DateText value={toWire(run.at)} />.{" "}
              <a href="#/logs" className="underline">
                Its outcome is in the logs
              </a>
            </span>
          )}
          {run?.state === "failed" && <span className="text-danger-text">{run.why}</span>}
        </span>
      </th>
      <td className="px-3 py-2 max-sm:hidden">
        <span className="block">{words}</span>
        {words !== job.expression && <span className="block font-mono text-sm text-ink-3">{job.expression}</span>}
      </td>
      <td className="tnum px-3 py-2 whitespace-nowrap text-ink-2 max-md:hidden">
        {next.map((date) => (
          <span key={date.getTime()} className="block text-sm first:text-base first:text-ink">
            {formatTyped(date, zone)}
          </span>
        ))}
      </td>
      {runs && (
        <td className="px-3 py-1.5 max-sm:hidden">
          <JobRuns id={job.id} runs={runs} />
        </td>
      )}
      <td className="w-px px-3">
        <Button size="sm" busy={run?.state === "running"} aria-label={`Run now ${job.id}`} onClick={() => void start()}>
          <Play size={12} aria-hidden /> Run now
        </Button>
      </td>
    </tr>
  );
}
