import type { ReactNode } from "react";
import type { DryRun } from "@/api/hooks";
import { toText } from "@/lib/assert";
import { redactText } from "@/lib/redact";
import { groupDigits } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { changedValues } from "./model";

/** What came of it, and what would have left the server. */
export function DryRunResult({ result }: { result: DryRun }) {
  const changes = changedValues(result.before ?? {}, result.after ?? {});
  const { problems = [], calls = [], log = [], error, answer, micros, operations } = result;
  return (
    <section aria-label="Result of the dry run" className="space-y-3">
      <p role="status" className="tnum flex flex-wrap items-center gap-2">
        <Badge tone={result.ok ? "ok" : "danger"}>{result.ok ? "Ran through" : "Failed"}</Badge>
        {micros !== undefined && (
          <span className="text-sm text-ink-3">
            {(micros / 1000).toFixed(1)} ms, {groupDigits(operations ?? 0)} operations
          </span>
        )}
      </p>
      {error && (
        <p className="break-words text-danger-text">
          {error.status} {error.message}
        </p>
      )}
      {problems.length > 0 && (
        <Part title="Where it failed">
          {problems.map((problem) => (
            <li key={`${problem.file} ${problem.line} ${problem.message}`} className="break-words">
              <span className="text-ink-3">
                {problem.file}:{problem.line}
              </span>{" "}
              {problem.message}
            </li>
          ))}
        </Part>
      )}
      {result.after && (
        <Part title="Record">
          {changes.length === 0 && <li className="text-ink-3">No value changed.</li>}
          {changes.map((change) => (
            <li key={change.name} className="font-mono text-code break-words">
              {change.name}: {shown(change.before)} → {shown(change.after)}
            </li>
          ))}
        </Part>
      )}
      {answer && (
        <Part title={`Answer ${answer.status}`}>
          <li className="font-mono text-code break-all">{answer.body}</li>
        </Part>
      )}
      {calls.length > 0 && (
        <Part title="Would have left the server">
          {calls.map((call, index) => (
            // The same call may be made twice.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index} className="break-words">
              <Badge>{call.call}</Badge> <span className="font-mono text-code">{redactText(shown(call.with))}</span>
            </li>
          ))}
        </Part>
      )}
      {log.length > 0 && (
        <Part title="Said">
          {log.map((line, index) => (
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index} className="break-words">
              <span className="text-ink-3">{line.level}</span> {line.message}
            </li>
          ))}
        </Part>
      )}
    </section>
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : value === undefined ? "nothing" : toText(value);
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <h4 className="text-sm font-medium text-ink-2">{title}</h4>
      <ul aria-label={title} className="space-y-0.5">
        {children}
      </ul>
    </div>
  );
}
