import { count, groupDigits } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Live, LiveState } from "./use-live";

type RecordsFooterProps = {
  total: number;
  counting: boolean;
  all: number | null;
  selected: number;
  failed: boolean;
  readOnly: boolean;
  live: LiveState;
};

const liveWords: Record<LiveState, string> = {
  off: "",
  unavailable: "",
  connecting: "",
  live: "live",
  reconnecting: "reconnecting…",
  busy: "busy, refreshing every 2 s",
};

export function RecordsFooter({ total, counting, all, selected, failed, readOnly, live }: RecordsFooterProps) {
  const words =
    total < 0
      ? counting
        ? "Counting…"
        : ""
      : all === null
        ? count(total, "record")
        : `${groupDigits(total)} of ${count(all, "record")}`;
  return (
    <footer
      aria-label="Table status"
      role="contentinfo"
      className="tnum flex h-8 shrink-0 items-center gap-2 border-t border-line bg-canvas px-3 text-sm text-ink-2"
    >
      <span role="status">{words}</span>
      {selected > 0 && <span>· {groupDigits(selected)} selected</span>}
      {failed && <span className="text-danger-text">· showing the last rows that worked</span>}
      {liveWords[live] !== "" && (
        <span className="flex items-center gap-1.5">
          ·{" "}
          <span
            aria-hidden
            className={live === "live" ? "size-1.5 rounded-full bg-ok" : "size-1.5 rounded-full bg-warn"}
          />
          <span>{liveWords[live]}</span>
        </span>
      )}
      {readOnly && (
        <span className="ms-auto">
          <Badge>View collection: read-only</Badge>
        </span>
      )}
    </footer>
  );
}

/** New records wait here, so that nothing moves under the pointer. */
export function FreshPill({ live }: { live: Live }) {
  if (live.fresh === 0) return null;
  return (
    <div className="pointer-events-none absolute inset-x-0 top-11 z-20 flex justify-center">
      <Button tone="primary" className="enter pointer-events-auto !rounded-full shadow-float" onClick={live.showFresh}>
        {count(live.fresh, "new record")}
      </Button>
    </div>
  );
}
