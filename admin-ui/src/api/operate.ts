import { queryOptions } from "@tanstack/react-query";
import { pb } from "./client";

export type LogEntry = { id: string; created: string; level: number; message: string; data: Record<string, unknown> };
export type LogHour = { date: string; total: number };

export async function listLogs(filter: string, page: number, signal?: AbortSignal): Promise<LogEntry[]> {
  const options = { filter, sort: "-@rowid", skipTotal: true, ...(signal ? { signal } : {}) };
  const { items } = await pb.logs.getList(page, logPage, options);
  return items.map((item) => ({
    id: item.id,
    created: String(item["created"] ?? ""),
    level: Number(item.level),
    message: item.message,
    data: item.data,
  }));
}

export const logPage = 100;

export function logStatsQuery(filter: string) {
  return queryOptions({
    queryKey: ["logs", "stats", filter],
    queryFn: async ({ signal }): Promise<LogHour[]> =>
      (await pb.logs.getStats({ filter, signal })).map((hour) => ({ date: hour.date, total: hour.total })),
    placeholderData: (previous) => previous,
    retry: false,
  });
}

export function logQuery(id: string) {
  return queryOptions({
    queryKey: ["logs", "one", id],
    queryFn: async ({ signal }): Promise<LogEntry> => {
      const item = await pb.logs.getOne(id, { signal });
      return {
        id: item.id,
        created: String(item["created"] ?? ""),
        level: Number(item.level),
        message: item.message,
        data: item.data,
      };
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

export function clearLogs(): Promise<true> {
  return pb.logs.truncate();
}

export type Job = { id: string; expression: string };

export const jobsQuery = queryOptions({
  queryKey: ["jobs"],
  queryFn: ({ signal }): Promise<Job[]> => pb.crons.getFullList({ signal }),
  retry: false,
});

export function runJob(id: string): Promise<boolean> {
  return pb.crons.run(id);
}

export type Backup = { key: string; size: number; modified: string };

export function listBackups(signal?: AbortSignal): Promise<Backup[]> {
  return pb.backups.getFullList(signal ? { signal } : {});
}

export const backupsQuery = queryOptions({
  queryKey: ["backups"],
  queryFn: ({ signal }) => listBackups(signal),
  retry: false,
});

export function createBackup(name: string): Promise<boolean> {
  return pb.backups.create(name);
}

export function uploadBackup(file: File): Promise<boolean> {
  return pb.backups.upload({ file });
}

export function deleteBackup(key: string): Promise<boolean> {
  return pb.backups.delete(key);
}

export function restoreBackup(key: string): Promise<boolean> {
  return pb.backups.restore(key);
}

/** The address carries a token that lives for minutes. */
export async function backupUrl(key: string): Promise<string> {
  return pb.backups.getDownloadURL(await pb.files.getToken(), key);
}

export async function isHealthy(): Promise<boolean> {
  try {
    await pb.health.check();
    return true;
  } catch {
    return false;
  }
}

export type SqlColumn = { name: string; type: string };
export type SqlResult = {
  execTime: number;
  affectedRows: number;
  columns: SqlColumn[];
  rows: (string | null)[][];
};

export async function runSql(query: string, signal: AbortSignal): Promise<SqlResult> {
  const answer = await pb.sql.run(query, { signal });
  return {
    execTime: answer.execTime,
    affectedRows: answer.affectedRows,
    columns: (answer.columns ?? []).map((column) => ({ name: column.name, type: String(column.type) })),
    rows: (answer.rows ?? []).map((row) =>
      row.map((cell) => (cell === null || cell === undefined ? null : String(cell))),
    ),
  };
}

/** The server fills in what is left out. */
export function importCollections(collections: object[], deleteMissing: boolean): Promise<unknown> {
  return pb.send("/api/collections/import", { method: "PUT", body: { collections, deleteMissing } });
}

/** Numbers about the last day, each from the log; a server that does not count answers with an error. */
export function daySummaryQuery(since: string) {
  return queryOptions({
    queryKey: ["logs", "day", since],
    queryFn: async ({ signal }) => {
      const requests = `data.type = "request" && created >= "${since}"`;
      const count = async (filter: string) =>
        (await pb.logs.getList(1, 1, { filter, fields: "id", signal })).totalItems;
      const [total, failed, refused] = await Promise.all([
        count(requests),
        count(`${requests} && data.status >= 500`),
        count(`${requests} && data.status >= 400 && data.status < 500`),
      ]);
      // The slowest twentieth begins here.
      const page = Math.max(1, Math.ceil(total * 0.05));
      const slow =
        total === 0
          ? []
          : (await pb.logs.getList(page, 1, { filter: requests, sort: "-data.execTime", skipTotal: true, signal }))
              .items;
      return { total, failed, refused, p95: Number(slow[0]?.data["execTime"] ?? 0) };
    },
    retry: false,
  });
}

/** What the database takes on the disk; only a server with a SQL console can say. */
export const databaseSizeQuery = queryOptions({
  queryKey: ["database-size"],
  queryFn: async ({ signal }) => {
    const answer = await runSql("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()", signal);
    return Number(answer.rows[0]?.[0] ?? 0);
  },
  retry: false,
});

export type ScriptProblem = { path?: string; file?: string; line?: number; message?: string };

/** Scripts that are loaded and what is wrong with them. */
export const scriptsQuery = queryOptions({
  queryKey: ["scripts"],
  queryFn: ({ signal }) =>
    pb.send<{ files: unknown[]; problems: ScriptProblem[] }>("/api/stead/hooks", { method: "GET", signal }),
  retry: false,
});

export type JobRun = {
  id: string;
  started: string;
  outcome: "running" | "succeeded" | "failed";
  duration: number | null;
  error: string | null;
};

/** What became of runs, newest first; asked again while one goes on. */
export const jobRunsQuery = queryOptions({
  queryKey: ["job-runs"],
  queryFn: ({ signal }) => pb.send<JobRun[]>("/api/stead/jobs/runs", { method: "GET", signal }),
  refetchInterval: (query) => (query.state.data?.some((run) => run.outcome === "running") ? 1000 : 15_000),
  retry: false,
});
