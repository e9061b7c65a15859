import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, Ellipsis, RefreshCw, ScrollText, Trash2 } from "lucide-react";
import { useCallback, useState } from "react";
import { inFull } from "@/api/errors";
import { clearLogs, listLogs, logPage, logStatsQuery, type LogEntry } from "@/api/operate";
import { settingsQuery } from "@/api/settings";
import { confirm } from "@/components/confirm";
import { FilterBar } from "@/components/filter-bar";
import { filterProblem } from "@/components/filter-problem";
import { EmptyPanel } from "@/components/panels";
import { saveFile } from "@/components/save-file";
import { toast } from "@/components/toasts";
import { NoData } from "@/components/unavailable";
import { redact, redactText } from "@/lib/redact";
import { allOf } from "@/lib/keyset";
import { count } from "@/lib/words";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { Notice } from "@/ui/notice";
import { Segmented } from "@/ui/radio";
import { ProgressLine, Skeleton } from "@/ui/skeleton";
import { useMedia } from "@/ui/use-media";
import { LogChart } from "./chart";
import { LogDetail } from "./log-detail";
import { LogList } from "./log-list";
import { barsOf, levels, logFields, logFilter, logNames, ranges, type LogsSearch } from "./model";
import { Toggle } from "./toggle";

type LogsPageProps = { search: LogsSearch; onSearch: (change: Partial<LogsSearch>) => void };

const exportLimit = 10_000;

export function LogsPage({ search, onSearch }: LogsPageProps) {
  const client = useQueryClient();
  const docked = useMedia("(min-width: 80rem)");
  const [opened] = useState(() => Date.now());
  const [live, setLive] = useState(false);
  const [top, setTop] = useState(true);
  const filter = logFilter(search, opened);
  const list = useInfiniteQuery({
    queryKey: ["logs", "list", filter],
    queryFn: ({ pageParam, signal }) => listLogs(filter, pageParam, signal),
    initialPageParam: 1,
    getNextPageParam: (page, pages) => (page.length < logPage ? undefined : pages.length + 1),
    refetchInterval: live && top ? 1000 : false,
    placeholderData: (previous) => previous,
    retry: false,
  });
  const all = useQuery({ ...logStatsQuery(filter), enabled: list.isSuccess && !list.isPlaceholderData });
  const errors = useQuery({
    ...logStatsQuery(allOf([filter, "level >= 8"])),
    enabled: list.isSuccess && !list.isPlaceholderData,
  });
  const off = useQuery(settingsQuery).data?.logs.maxDays === 0;
  const problem = filterProblem(list.error, search.filter, logNames);
  // What a refused filter leaves in sight are the last entries that came.
  const [good, setGood] = useState(list.data);
  if (list.data && list.data !== good) setGood(list.data);
  const entries = unique((list.data ?? good)?.pages.flat() ?? []);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (list.isError && !good && problem === null)
    return <NoData page what="Logs" error={list.error} onRetry={() => void list.refetch()} />;
  const { bars, hours } = barsOf(all.data ?? [], errors.data ?? []);
  const total = (all.data ?? []).reduce((sum, item) => sum + item.total, 0);
  const zoomed = search.from !== "" || search.to !== "";

  const refresh = () => void client.invalidateQueries({ queryKey: ["logs"] });
  function askClear() {
    confirm({
      title: "Clear all logs?",
      verb: "Clear all logs",
      body: `Every entry is deleted, not only the ${count(total, "entry", "entries")} shown. This can't be undone.`,
      run: async () => {
        await clearLogs();
        await client.invalidateQueries({ queryKey: ["logs"] });
        toast("Logs cleared");
      },
    });
  }
  async function download() {
    try {
      const lines: string[] = [];
      for (let page = 1; lines.length < exportLimit; page += 1) {
        const found = await listLogs(filter, page);
        lines.push(
          ...found.map((entry) =>
            JSON.stringify({ ...entry, message: redactText(entry.message), data: redact(entry.data) }),
          ),
        );
        if (found.length < logPage) break;
      }
      saveFile("logs.ndjson", "application/x-ndjson", `${lines.join("\n")}\n`);
    } catch (error) {
      toast(`The logs can't be exported. ${inFull(error)}`, "danger");
    }
  }
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <header className="flex flex-wrap items-center gap-2 border-b border-line bg-bg px-3 py-2">
          <h1 className="pe-2 text-lg font-semibold">Logs</h1>
          <FilterBar
            label="Filter logs"
            placeholder="Search, or filter like data.status >= 400"
            value={search.filter}
            fields={logFields}
            problem={problem}
            onApply={(next) => onSearch({ filter: next })}
          />
          <Segmented
            label="Time"
            value={zoomed ? "custom" : search.range}
            options={[
              ...ranges.map(({ value, label }) => ({ value, label })),
              ...(zoomed ? [{ value: "custom", label: "Chosen" }] : []),
            ]}
            onChange={(range) => range !== "custom" && onSearch({ range, from: "", to: "" })}
          />
          <select
            aria-label="Level"
            className="control !w-32"
            value={search.level}
            onChange={(event) => onSearch({ level: event.target.value })}
          >
            {levels.map((level) => (
              <option key={level.value} value={level.value}>
                {level.label}
              </option>
            ))}
          </select>
          <Toggle
            label="Hide superuser requests"
            short="Hide superuser"
            checked={search.all !== "1"}
            onChange={(on) => onSearch({ all: on ? "" : "1" })}
          />
          <Toggle label="Live tail" checked={live} onChange={setLive} />
          <IconButton label="Refresh" tone="secondary" className="max-[359px]:hidden" onClick={refresh}>
            <RefreshCw size={14} />
          </IconButton>
          <Menu
            trigger={
              <IconButton label="More actions" tone="secondary">
                <Ellipsis size={16} />
              </IconButton>
            }
            items={[
              { label: "Refresh", icon: <RefreshCw size={14} />, run: refresh },
              { label: "Export as NDJSON", icon: <Download size={14} />, run: () => void download() },
              { label: "Clear all logs…", icon: <Trash2 size={14} />, danger: true, run: askClear },
            ]}
          />
        </header>
        {off && (
          <Notice tone="info" className="!rounded-none">
            Logging is off.{" "}
            <a href="#/settings/logs" className="underline">
              Turn it on in the settings
            </a>
          </Notice>
        )}
        {list.isError && problem === null && (
          <Notice tone="danger" role="alert" className="!rounded-none">
            Couldn't load the logs. {inFull(list.error)}
          </Notice>
        )}
        <LogChart bars={bars} hours={hours} onPick={(from, to) => onSearch({ from, to, range: "" })} />
        <div className="relative flex min-h-0 flex-1 flex-col" aria-busy={list.isFetching}>
          <ProgressLine active={list.isFetching && !live} />
          {list.isPending && <Loading />}
          {list.data && entries.length === 0 && (
            <EmptyPanel
              icon={<ScrollText size={18} />}
              title="No entries"
              actions={
                filter === "" ? undefined : (
                  <Button onClick={() => onSearch({ filter: "", level: "", range: "", from: "", to: "", all: "1" })}>
                    Clear filter
                  </Button>
                )
              }
            >
              {filter === "" ? "Nothing has been logged yet." : "Nothing fits what is chosen above."}
            </EmptyPanel>
          )}
          {entries.length > 0 && (
            <LogList
              entries={entries}
              activeId={search.log}
              onOpen={(log) => onSearch({ log })}
              onEnd={onEnd}
              onTop={setTop}
            />
          )}
        </div>
        <footer
          role="contentinfo"
          aria-label="Log status"
          className="tnum flex h-8 shrink-0 items-center gap-3 border-t border-line bg-canvas px-3 text-sm text-ink-2"
        >
          <span role="status">{all.data ? count(total, "entry", "entries") : ""}</span>
          {live && <span>{top ? "· live" : "· live, paused while you read"}</span>}
          <a href="#/settings/logs" className={buttonClass("ghost", "sm") + " ms-auto !min-h-6"}>
            Log settings
          </a>
        </footer>
      </div>
      {search.log !== "" && (
        <LogDetail
          key={search.log}
          id={search.log}
          known={entries.find((entry) => entry.id === search.log)}
          docked={docked}
          onClose={() => onSearch({ log: "" })}
          onFilter={(next) => onSearch({ filter: allOf([search.filter, next]), log: "" })}
        />
      )}
    </div>
  );
}

/** New entries push old ones to the next page; nobody wants to read one twice. */
function unique(entries: LogEntry[]): LogEntry[] {
  const seen = new Set<string>();
  return entries.filter((entry) => !seen.has(entry.id) && seen.add(entry.id));
}

function Loading() {
  return (
    <div className="space-y-4 p-4" aria-busy>
      {[0, 1, 2, 3, 4, 5].map((n) => (
        <Skeleton key={n} className="w-3/4" />
      ))}
    </div>
  );
}
