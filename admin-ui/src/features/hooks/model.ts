import type { HooksOverview, Report } from "@/api/hooks";
import { squiggle, type Span } from "@/lib/paint";
import { placeAt, wordFrom } from "@/lib/rhai/editor";
import { equal } from "@/lib/equal";

export type FileState = "running" | "pending" | "module" | "failed";

/** What can be said about a file without opening it. */
export function stateOf(overview: HooksOverview, path: string): FileState {
  if (overview.pending?.includes(path)) return "pending";
  if (overview.problems.some((problem) => problem.file === path)) return "failed";
  return overview.scripts.some((script) => script.path === path) ? "running" : "module";
}

export const stateWords: Record<FileState, string> = {
  running: "running",
  pending: "a change waits",
  module: "module",
  failed: "does not load",
};

export type Trouble = Report & { tone: "error" | "warning"; at: number };

/** What is wrong with a text, in the order of its lines. */
export function troublesOf(text: string, problems: Report[], warnings: Report[]): Trouble[] {
  const mark = (tone: Trouble["tone"]) => (report: Report) => ({
    ...report,
    tone,
    at: placeAt(text, report.line ?? 1, report.column ?? 1),
  });
  return [...problems.map(mark("error")), ...warnings.map(mark("warning"))].toSorted((a, b) => a.at - b.at);
}

export function troubleSpans(text: string, troubles: Trouble[]): Span[] {
  return troubles.map((trouble) => ({ ...wordFrom(text, trouble.at), className: squiggle[trouble.tone] }));
}

/** The rule of names, checked before the server is asked. */
export function pathProblem(path: string, taken: string[]): string | null {
  if (path === "") return "Give it a name";
  if (!/^[\w-]+(?:\/[\w-]+)*\.rhai$/.test(path))
    return "Letters, digits, _ and - and the ending .rhai, with / for folders.";
  return taken.includes(path) ? `There already is a ${path}.` : null;
}

export function starterOf(path: string): string {
  if (path.includes("/") || path.startsWith("_")) return "// Functions for other scripts.\n";
  return 'on_record_create("posts", |e| {\n    e.next();\n});\n';
}

export type ValueChange = { name: string; before: unknown; after: unknown };

/** What a dry run made of a record. */
export function changedValues(before: Record<string, unknown>, after: Record<string, unknown>): ValueChange[] {
  return Object.keys({ ...before, ...after })
    .filter((name) => !equal(before[name], after[name]))
    .map((name) => ({ name, before: before[name], after: after[name] }));
}

/** What a script registers, in the order of its lines. */
export function outlineOf(overview: HooksOverview, path: string): { line: number; text: string }[] {
  const script = overview.scripts.find((known) => known.path === path);
  if (!script) return [];
  return [
    ...script.handlers.map(({ line, event, collections }) => ({
      line,
      text: collections.length > 0 ? `${event} ${collections.join(", ")}` : event,
    })),
    ...script.routes.map(({ line, method, path: address }) => ({ line, text: `${method} ${address}` })),
    ...script.crons.map(({ line, id, expression }) => ({ line, text: `cron ${id} ${expression}` })),
  ].toSorted((a, b) => a.line - b.line);
}
