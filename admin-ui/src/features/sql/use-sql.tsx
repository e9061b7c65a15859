import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { inFull, isAborted } from "@/api/errors";
import { runSql, type SqlResult } from "@/api/operate";
import { confirm } from "@/components/confirm";
import { noticeRefusal } from "@/components/session";
import { countOfDelete, isWriting, placeOfError } from "@/lib/sql";
import { count } from "@/lib/words";

export type SqlOutcome =
  | { kind: "result"; result: SqlResult }
  | { kind: "error"; message: string; text: string; place: { from: number; to: number } | null };

/** Runs one statement at a time; what writes is asked about first. */
export function useSql(readOnly: boolean) {
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<SqlOutcome | null>(null);
  const [running, setRunning] = useState(false);
  const stop = useRef<AbortController | null>(null);

  async function send(text: string) {
    const control = new AbortController();
    stop.current = control;
    setRunning(true);
    try {
      setOutcome({ kind: "result", result: await runSql(text, control.signal) });
      if (isWriting(text)) void client.invalidateQueries();
    } catch (error) {
      void noticeRefusal(error);
      const message = isAborted(error) ? "Cancelled." : inFull(error);
      setOutcome({ kind: "error", message, text, place: placeOfError(message, text) });
    } finally {
      setRunning(false);
    }
  }
  async function run(text: string) {
    if (text.trim() === "" || running) return;
    if (!isWriting(text)) {
      await send(text);
      return;
    }
    if (readOnly) {
      const message = "Read only is on, and this statement changes data. Turn it off to run it.";
      setOutcome({ kind: "error", message, text, place: null });
      return;
    }
    const counted = countOfDelete(text);
    const rows = counted ? await countRows(counted.query) : null;
    const verb = counted && rows !== null ? `Delete ${count(rows, "row")}` : "Run";
    confirm({
      title:
        counted && rows !== null
          ? `Delete ${count(rows, "row")} from ${counted.table}?`
          : "Run a statement that changes data?",
      verb,
      body: (
        <>
          <p>It goes past rules, files and cascades, and can&apos;t be undone.</p>
          <code className="mt-2 block rounded-sm bg-sunken p-2 font-mono text-code whitespace-pre-wrap text-ink">
            {text}
          </code>
        </>
      ),
      run: () => send(text),
    });
  }
  return { outcome, running, run, cancel: () => stop.current?.abort() };
}

async function countRows(query: string): Promise<number | null> {
  try {
    const { rows } = await runSql(query, new AbortController().signal);
    return Number(rows[0]?.[0] ?? 0);
  } catch {
    return null;
  }
}
