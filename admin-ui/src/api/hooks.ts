import { queryOptions } from "@tanstack/react-query";
import { ClientResponseError } from "pocketbase";
import { isObject, isString } from "@/lib/assert";
import { pb } from "./client";
import { listLogs, type LogEntry } from "./operate";

/** Something wrong with a script, by line and column from 1. */
export type Report = { file: string; line: number | null; column: number | null; message: string };

export type LoadedScript = {
  path: string;
  handlers: { event: string; collections: string[]; line: number }[];
  routes: { method: string; path: string; line: number }[];
  crons: { id: string; expression: string; line: number }[];
  middleware: number;
  calls: number;
  errors: number;
  micros: number;
};
export type HooksOverview = {
  folder: string;
  files: string[];
  /** Those with a text that waits because it does not load. */
  pending?: string[];
  scripts: LoadedScript[];
  problems: Report[];
  editing: { allowed: boolean; reason?: string };
};

export const hooksQuery = queryOptions({
  queryKey: ["hooks"],
  queryFn: ({ signal }) => pb.send<HooksOverview>("/api/stead/hooks", { method: "GET", signal }),
  refetchInterval: 5000,
  retry: false,
});

export type Script = {
  path: string;
  /** What runs; `null` when nothing does. */
  text: string | null;
  etag: string;
  version: number;
  pending: { text: string; problems: Report[]; warnings: Report[] } | null;
};

function addressOf(path: string): string {
  return `/api/stead/hooks/${encodeURIComponent(path)}`;
}

export function scriptQuery(path: string) {
  return queryOptions({
    queryKey: ["hooks", "script", path],
    queryFn: ({ signal }) => pb.send<Script>(addressOf(path), { method: "GET", signal }),
    retry: false,
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
}

/** `pending`: a text that does not load is kept beside what runs. An empty etag stands for a script that is not there. */
export function saveScript(path: string, save: { text: string; etag: string; pending: boolean }): Promise<Script> {
  return pb.send<Script>(addressOf(path), { method: "PUT", body: save });
}

/** Somebody else saved meanwhile: what is there now. */
export function theirScript(error: unknown): Script | null {
  if (!(error instanceof ClientResponseError) || error.status !== 409) return null;
  const data: unknown = error.response["data"];
  return isScript(data) ? data : null;
}

function isScript(value: unknown): value is Script {
  return isObject(value) && isString(value["etag"]) && isString(value["path"]);
}

export function deleteScript(path: string): Promise<unknown> {
  return pb.send(addressOf(path), { method: "DELETE" });
}

export type Checked = { problems: Report[]; warnings: Report[] };

export function checkQuery(path: string, text: string) {
  return queryOptions({
    queryKey: ["hooks", "check", path, text],
    queryFn: ({ signal }) =>
      pb.send<Checked>("/api/stead/hooks/check", { method: "POST", body: { path, text }, signal }),
    retry: false,
    gcTime: 10_000,
    staleTime: 60_000,
  });
}

export type ScriptSymbol = {
  namespace: string;
  name: string;
  kind: "function" | "member";
  signature: string;
  doc: string;
};
export type HookEvent = { name: string; members: string[]; tags: boolean };

export const symbolsQuery = queryOptions({
  queryKey: ["hooks", "symbols"],
  queryFn: ({ signal }) =>
    pb.send<{ functions: ScriptSymbol[]; events: HookEvent[] }>("/api/stead/hooks/symbols", { method: "GET", signal }),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

export type Revision = { number: number; saved: string; size: number };

export function revisionsQuery(path: string) {
  return queryOptions({
    queryKey: ["hooks", "revisions", path],
    queryFn: ({ signal }) => pb.send<Revision[]>(`${addressOf(path)}/revisions`, { method: "GET", signal }),
    staleTime: 0,
    retry: false,
  });
}

export function revisionQuery(path: string, number: number) {
  return queryOptions({
    queryKey: ["hooks", "revisions", path, number],
    queryFn: ({ signal }) =>
      pb.send<{ number: number; saved: string; text: string }>(`${addressOf(path)}/revisions/${number}`, {
        method: "GET",
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

export type DryRun = {
  ok: boolean;
  problems?: Report[];
  calls?: { call: string; with: unknown }[];
  log?: { level: string; message: string; data: unknown }[];
  micros?: number;
  operations?: number;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  answer?: { status: number; body: string };
  error?: { status: number; message: string; data: unknown };
};

export function dryRun(body: Record<string, unknown>): Promise<DryRun> {
  return pb.send<DryRun>("/api/stead/hooks/dry-run", { method: "POST", body });
}

/** What scripts of a file said last, newest first. */
export function hookLogQuery(path: string, paused: boolean) {
  return queryOptions({
    queryKey: ["hooks", "log", path],
    queryFn: ({ signal }): Promise<LogEntry[]> =>
      listLogs(`data.file = ${JSON.stringify(path)} || data.script = ${JSON.stringify(path)}`, 1, signal),
    refetchInterval: paused ? false : 1000,
    retry: false,
    staleTime: 0,
  });
}
