import { useVirtualizer } from "@tanstack/react-virtual";
import { Copy, Download } from "lucide-react";
import { useRef } from "react";
import type { SqlResult } from "@/api/operate";
import { copyText } from "@/components/copy";
import { saveFile } from "@/components/save-file";
import { cx } from "@/lib/cx";
import { count } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { isNumeric, toCsv, toJson } from "./model";

/** The server's own limit; more than that is not sent. */
const most = 1000;

export function SqlResultView({ result }: { result: SqlResult }) {
  const scroller = useRef<HTMLDivElement>(null);
  const { columns, rows } = result;
  const names = columns.map((column) => column.name);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 28,
    overscan: 10,
  });
  const numeric = columns.map(
    (_, at) => rows.length > 0 && rows.slice(0, 50).every((row) => row[at] === null || isNumeric(row[at] ?? null)),
  );
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <section aria-label="Result" className="flex min-h-0 flex-1 flex-col">
      <div className="tnum flex min-h-9 flex-wrap items-center gap-3 border-y border-line bg-canvas px-3 text-sm text-ink-2">
        <span role="status">
          {columns.length > 0 ? count(rows.length, "row") : `${count(result.affectedRows, "row")} affected`} in{" "}
          {result.execTime.toFixed(result.execTime < 10 ? 1 : 0)} ms
        </span>
        {rows.length >= most && <Badge tone="warn">Only the first {most} rows are sent</Badge>}
        {rows.length > 0 && (
          <span className="ms-auto flex gap-1">
            <Button size="sm" tone="ghost" onClick={() => copyText("JSON", toJson(names, rows))}>
              <Copy size={12} aria-hidden /> Copy JSON
            </Button>
            <Button size="sm" tone="ghost" onClick={() => saveFile("query.csv", "text/csv", toCsv(names, rows))}>
              <Download size={12} aria-hidden /> CSV
            </Button>
          </span>
        )}
      </div>
      {columns.length > 0 && (
        <div ref={scroller} className="min-h-0 flex-1 overflow-auto bg-bg" tabIndex={0} role="region" aria-label="Rows">
          <table className="min-w-full border-collapse" aria-label="Query result" aria-rowcount={rows.length + 1}>
            <thead className="sticky top-0 bg-canvas">
              <tr>
                {columns.map((column, at) => (
                  <th
                    // A query may name two columns alike.
                    // oxlint-disable-next-line react/no-array-index-key
                    key={at}
                    scope="col"
                    className={cx(
                      "h-8 border-b border-line px-3 font-medium whitespace-nowrap text-ink-2",
                      numeric[at] ? "text-end" : "text-start",
                    )}
                  >
                    {column.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {before > 0 && <tr aria-hidden style={{ height: before }} />}
              {items.map((item) => (
                <tr key={item.index} className="h-7 hover:bg-hover">
                  {(rows[item.index] ?? []).map((cell, at) => (
                    <td
                      // oxlint-disable-next-line react/no-array-index-key
                      key={at}
                      title={cell ?? undefined}
                      className={cx(
                        "max-w-80 truncate border-b border-line px-3 font-mono text-code",
                        numeric[at] && "tnum text-end",
                      )}
                    >
                      {cell === null ? <span className="text-ink-3">null</span> : <Cell text={cell} />}
                    </td>
                  ))}
                </tr>
              ))}
              {after > 0 && <tr aria-hidden style={{ height: after }} />}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** A plan that reads a whole table says so in a colour and in words. */
function Cell({ text }: { text: string }) {
  if (/^SCAN \w+/.test(text) && !/USING/.test(text)) return <Badge tone="warn">{text}: reads every row</Badge>;
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
