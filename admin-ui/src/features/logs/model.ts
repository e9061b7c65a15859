import type { Known } from "@/lib/expr/complete";
import { isPlainTerm } from "@/lib/expr/lex";
import { allOf, anyOf, literal } from "@/lib/keyset";
import { toWire } from "@/lib/dates";

export type LogsSearch = {
  filter: string;
  level: string;
  range: string;
  from: string;
  to: string;
  log: string;
  all: string;
};

export const ranges = [
  { value: "", label: "All" },
  { value: "1h", label: "1 h", hours: 1 },
  { value: "24h", label: "24 h", hours: 24 },
  { value: "7d", label: "7 d", hours: 168 },
] as const;

export const levels = [
  { value: "", label: "All levels" },
  { value: "info", label: "Info" },
  { value: "warn", label: "Warnings" },
  { value: "error", label: "Errors" },
] as const;

const least: Record<string, string> = { info: "level >= 0", warn: "level >= 4", error: "level >= 8" };

export const logFields: Known[] = [
  { name: "message", detail: "text" },
  { name: "level", detail: "number", values: ["-4", "0", "4", "8"] },
  { name: "created", detail: "date" },
  { name: "data.status", detail: "number" },
  { name: "data.method", detail: "text" },
  { name: "data.url", detail: "text" },
  { name: "data.execTime", detail: "ms" },
  { name: "data.auth", detail: "text" },
  { name: "data.authId", detail: "text" },
  { name: "data.userIP", detail: "text" },
  { name: "data.userAgent", detail: "text" },
  { name: "data.error", detail: "text" },
  { name: "data.type", detail: "text" },
];

/** Names a filter may start with; what is behind the dot is free. */
export const logNames = ["id", "message", "level", "created", "rowid", "data"];

/** The whole filter: what was typed, the level, the time and whether superusers are left out. */
export function logFilter(search: LogsSearch, now: number): string {
  const { filter, level, from, to } = search;
  const hours = ranges.find((range) => range.value === search.range && "hours" in range);
  const start = hours && "hours" in hours ? toWire(new Date(now - hours.hours * 3_600_000)) : from;
  return allOf([
    filter === ""
      ? ""
      : isPlainTerm(filter)
        ? anyOf([`message ~ ${literal(filter)}`, `data.error ~ ${literal(filter)}`])
        : filter,
    least[level] ?? "",
    start === "" ? "" : `created >= ${literal(start)}`,
    to === "" ? "" : `created < ${literal(to)}`,
    search.all === "1" ? "" : 'data.auth != "_superusers"',
  ]);
}

export type Level = { name: string; tone: "neutral" | "warn" | "danger" | "info" };

export function levelOf(level: number): Level {
  if (level >= 8) return { name: "Error", tone: "danger" };
  if (level >= 4) return { name: "Warning", tone: "warn" };
  return level >= 0 ? { name: "Info", tone: "info" } : { name: "Debug", tone: "neutral" };
}

/** The record a request was about. */
export function recordOf(url: string): { collection: string; id: string } | null {
  const found = /\/api\/collections\/([^/?]+)\/records\/([^/?]+)/.exec(url);
  return found?.[1] && found[2] ? { collection: decodeURIComponent(found[1]), id: decodeURIComponent(found[2]) } : null;
}

function at(text: string): number {
  return Date.parse(text.replace(" ", "T"));
}

export type Bar = { from: Date; total: number; errors: number };

const hour = 3_600_000;

/** One bar per hour, or per some hours when there are too many of them; empty hours stay visible. */
export function barsOf(
  all: { date: string; total: number }[],
  errors: { date: string; total: number }[],
): { bars: Bar[]; hours: number } {
  const times = all.map((item) => at(item.date)).filter((time) => !Number.isNaN(time));
  if (times.length === 0) return { bars: [], hours: 1 };
  const last = Math.max(...times);
  // A day at least, so that one busy hour does not look like a wall.
  const first = Math.min(...times, last - 23 * hour);
  const hours = Math.max(1, Math.ceil(((last - first) / hour + 1) / 120));
  const n = Math.floor((last - first) / (hour * hours)) + 1;
  const bars = Array.from({ length: n }, (_, index) => ({
    from: new Date(first + index * hours * hour),
    total: 0,
    errors: 0,
  }));
  for (const [list, key] of [
    [all, "total"],
    [errors, "errors"],
  ] as const) {
    for (const item of list) {
      const bar = bars[Math.floor((at(item.date) - first) / (hour * hours))];
      if (bar) bar[key] += item.total;
    }
  }
  return { bars, hours };
}

const actionsByMethod: Record<string, string> = { POST: "create", PATCH: "update", PUT: "update", DELETE: "delete" };

/** Where a refused request can be explained: the rule it met, who asked and for which record. */
export function explainHref(data: Record<string, unknown>): string | null {
  const status = Number(data["status"]);
  const found = /\/api\/collections\/([^/?]+)\/records(?:\/([^/?]+))?(?:\?|$)/.exec(String(data["url"] ?? ""));
  if (!found?.[1] || ![400, 401, 403, 404].includes(status)) return null;
  const action = actionsByMethod[String(data["method"])] ?? (found[2] ? "view" : "list");
  const who = data["auth"] ? `${String(data["auth"])}/${String(data["authId"] ?? "")}` : "guest";
  const question = encodeURIComponent(`${action}|${who}|${found[2] ?? ""}`);
  return `#/collections/${found[1]}?tab=rules&record=${question}`;
}
