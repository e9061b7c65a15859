import { useMemo } from "react";
import { cx } from "@/lib/cx";
import { diffLines, hunks } from "@/lib/line-diff";

/** How one text becomes another. */
export function DiffView({ label, before, after }: { label: string; before: string; after: string }) {
  const lines = useMemo(() => hunks(diffLines(before, after)), [before, after]);
  if (before === after) return <p className="text-ink-3">The texts are the same.</p>;
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="max-h-[50vh] overflow-auto rounded-md border border-line bg-bg py-1 font-mono text-code"
    >
      {lines.map((line, index) => (
        <div
          // Lines repeat.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          className={cx(
            "w-max min-w-full px-2 whitespace-pre",
            line === null && "text-ink-3",
            line?.sign === "+" && "bg-ok-soft text-ok",
            line?.sign === "−" && "bg-danger-soft text-danger-text",
          )}
        >
          {line === null ? "⋯" : `${line.sign} ${line.text}`}
        </div>
      ))}
    </div>
  );
}
