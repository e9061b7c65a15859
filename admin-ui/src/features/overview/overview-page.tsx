import { useQuery } from "@tanstack/react-query";
import { CircleCheck, Info, TriangleAlert } from "lucide-react";
import { useState, type ReactNode } from "react";
import { serverUrl } from "@/api/client";
import { collectionsQuery } from "@/api/collections";
import {
  backupsQuery,
  databaseSizeQuery,
  daySummaryQuery,
  jobsQuery,
  logStatsQuery,
  scriptsQuery,
} from "@/api/operate";
import { capabilitiesQuery, isMissing, settingsQuery, superusersQuery } from "@/api/settings";
import { DateText } from "@/components/date-text";
import { formatBytes } from "@/lib/bytes";
import { relative, parseWire, toWire } from "@/lib/dates";
import { count, groupDigits } from "@/lib/words";
import { Skeleton } from "@/ui/skeleton";
import { findings } from "./checks";
import { Sparkline } from "./sparkline";

/** Is it well? Numbers of the last day, each leading to its evidence, and what an owner should look at. */
export function OverviewPage() {
  const version = useQuery(capabilitiesQuery).data;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-[1000px] space-y-6 px-4 py-6">
        <header className="flex flex-wrap items-baseline justify-between gap-2">
          <h1 className="text-xl font-semibold">Overview</h1>
          {version && (
            <p className="text-sm text-ink-3">
              Stead {version.version}
              {version.commit !== "" && ` (${version.commit})`}
            </p>
          )}
        </header>
        <Numbers />
        <Findings />
        <Recent />
      </div>
    </div>
  );
}

function Numbers() {
  const [since] = useState(() => toWire(new Date(Date.now() - 86_400_000)));
  const filter = `data.type = "request" && created >= "${since}"`;
  const day = useQuery(daySummaryQuery(since));
  const hours = useQuery(logStatsQuery(filter)).data ?? [];
  const size = useQuery(databaseSizeQuery);
  const backups = useQuery(backupsQuery);
  const jobs = useQuery(jobsQuery);
  const scripts = useQuery(scriptsQuery);
  const newest = backups.data?.toSorted((a, b) => (a.modified < b.modified ? 1 : -1))[0];
  const made = newest ? parseWire(newest.modified) : null;
  const summary = day.data;
  const share = summary && summary.total > 0 ? (summary.failed / summary.total) * 100 : 0;
  const own = (jobs.data ?? []).filter((job) => !job.id.startsWith("__pb")).length;
  return (
    <section aria-label="Numbers" className="grid grid-cols-2 gap-3 md:grid-cols-3 lg:grid-cols-4">
      <Tile
        label="Requests in 24 h"
        query={day}
        href="#/logs?all=1&range=24h"
        value={summary ? groupDigits(summary.total) : ""}
        note={<Sparkline hours={hours} since={since} />}
      />
      <Tile
        label="Server errors in 24 h"
        query={day}
        href={`#/logs?all=1&range=24h&filter=${encodeURIComponent("data.status >= 500")}`}
        value={summary ? groupDigits(summary.failed) : ""}
        note={
          summary && summary.total > 0
            ? `${share === 0 ? 0 : share.toFixed(share < 1 ? 2 : 1)} % of requests`
            : "No requests yet"
        }
        alarm={Boolean(summary && summary.failed > 0)}
      />
      <Tile
        label="Refused in 24 h"
        query={day}
        href={`#/logs?all=1&range=24h&filter=${encodeURIComponent("data.status >= 400 && data.status < 500")}`}
        value={summary ? groupDigits(summary.refused) : ""}
        note="Answered with 4xx"
      />
      <Tile
        label="Response time"
        query={day}
        href="#/logs?all=1&range=24h"
        value={summary ? `${summary.p95 < 10 ? summary.p95.toFixed(1) : Math.round(summary.p95)} ms` : ""}
        note="95 of 100 were faster"
      />
      <Tile
        label="Database"
        query={size}
        href="#/sql"
        value={size.data === undefined ? "" : formatBytes(size.data)}
        note="On disk, without files"
      />
      <Tile
        label="Last backup"
        query={backups}
        href="#/settings/backups"
        value={made ? relative(made) : "never"}
        note={newest ? formatBytes(newest.size) : "None has been made"}
        alarm={backups.data?.length === 0}
      />
      <Tile
        label="Jobs"
        query={jobs}
        href="#/jobs"
        value={jobs.data ? groupDigits(jobs.data.length) : ""}
        note={own === 0 ? "All of them the system's" : `${groupDigits(own)} of your own`}
      />
      <Tile
        label="Scripts"
        query={scripts}
        href="#/logs?level=error"
        value={scripts.data ? count(scripts.data.files.length, "file") : ""}
        note={scripts.data?.problems.length ? count(scripts.data.problems.length, "problem") : "No problems"}
        alarm={Boolean(scripts.data?.problems.length)}
      />
    </section>
  );
}

type TileProps = {
  label: string;
  query: { isPending: boolean; isError: boolean; error: unknown };
  href: string;
  value: string;
  note: ReactNode;
  alarm?: boolean;
};

/** One number with a link to where it comes from; what the server does not offer is left out. */
function Tile({ label, query, href, value, note, alarm }: TileProps) {
  if (query.isError && isMissing(query.error)) return null;
  return (
    <a
      href={href}
      className="flex min-h-24 min-w-0 flex-col rounded-md border border-line bg-bg p-3 hover:border-line-strong"
    >
      <span className="text-sm text-ink-2">{label}</span>
      {query.isPending ? (
        <Skeleton className="mt-2 w-1/2" />
      ) : query.isError ? (
        <span className="mt-1 text-danger-text">can't be told</span>
      ) : (
        <span className={`tnum mt-0.5 text-xl font-semibold ${alarm ? "text-danger-text" : "text-ink"}`}>{value}</span>
      )}
      {!query.isPending && !query.isError && <span className="mt-auto text-sm text-ink-3">{note}</span>}
    </a>
  );
}

const icons = { warn: TriangleAlert, info: Info } as const;

function Findings() {
  const settings = useQuery(settingsQuery).data;
  const collections = useQuery(collectionsQuery).data;
  const superusers = useQuery(superusersQuery).data;
  if (!settings || !collections || !superusers) return <Skeleton className="!h-24 w-full" />;
  const list = findings({ settings, collections, superusers: superusers.length, address: serverUrl });
  return (
    <section aria-label="To look at">
      <h2 className="mb-2 text-lg font-semibold">To look at</h2>
      {list.length === 0 && (
        <p className="flex items-center gap-2 text-ok">
          <CircleCheck size={16} aria-hidden /> Nothing. Mail, limits, backups and rules are as they should be.
        </p>
      )}
      <ul className="divide-y divide-line overflow-hidden rounded-md border border-line bg-bg empty:hidden">
        {list
          .toSorted((a, b) => (a.tone === b.tone ? 0 : a.tone === "warn" ? -1 : 1))
          .map(({ id, tone, text, href, where }) => {
            const Icon = icons[tone];
            return (
              <li key={id} className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
                <Icon
                  size={16}
                  aria-label={tone === "warn" ? "Warning" : "Note"}
                  className={tone === "warn" ? "shrink-0 text-warn" : "shrink-0 text-info"}
                />
                <span className="min-w-0 flex-1 basis-48">{text}</span>
                <a href={href} className="text-accent-text underline">
                  {where}
                </a>
              </li>
            );
          })}
      </ul>
    </section>
  );
}

function Recent() {
  const collections = useQuery(collectionsQuery).data ?? [];
  const recent = collections
    .filter((collection) => !collection.system)
    .toSorted((a, b) => (a.updated < b.updated ? 1 : -1))
    .slice(0, 5);
  if (recent.length === 0) return null;
  return (
    <section aria-label="Recently changed">
      <h2 className="mb-2 text-lg font-semibold">Recently changed collections</h2>
      <ul className="divide-y divide-line rounded-md border border-line bg-bg">
        {recent.map((collection) => (
          <li key={collection.id} className="flex min-h-9 items-center justify-between gap-3 px-3 py-1.5">
            <a href={`#/collections/${collection.name}?tab=schema`} className="truncate text-accent-text underline">
              {collection.name}
            </a>
            <span className="text-ink-2">
              <DateText value={collection.updated} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
