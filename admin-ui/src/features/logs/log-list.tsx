import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { LogEntry } from "@/api/operate";
import { prefs } from "@/components/prefs";
import { toText } from "@/lib/assert";
import { cx } from "@/lib/cx";
import { formatTyped, parseWire } from "@/lib/dates";
import { redactText } from "@/lib/redact";
import { textScale } from "@/ui/text-scale";
import { useMedia } from "@/ui/use-media";
import { useStore } from "@/ui/use-store";
import { levelOf } from "./model";

type LogListProps = {
  entries: LogEntry[];
  activeId: string;
  onOpen: (id: string) => void;
  onEnd: () => void;
  /** Whether the newest entry is in sight. */
  onTop: (top: boolean) => void;
};

const tones = { neutral: "text-ink-3", info: "text-ink-3", warn: "text-warn", danger: "text-danger-text" } as const;

export function LogList({ entries, activeId, onOpen, onEnd, onTop }: LogListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useMedia("(width < 40rem)");
  const height = Math.round((narrow ? 52 : 28) * textScale());
  const [active, setActive] = useState(0);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    getItemKey: (index) => entries[index]?.id ?? index,
  });
  // Row heights change with the width of the window.
  useEffect(() => rows.measure(), [rows, height]);
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  // Loading follows the scroll position, which only the browser knows.
  useEffect(() => {
    if (entries.length > 0 && last >= entries.length - 15) onEnd();
  }, [entries.length, last, onEnd]);

  function focusRow(index: number) {
    const to = Math.max(0, Math.min(entries.length - 1, index));
    setActive(to);
    rows.scrollToIndex(to, { align: "auto" });
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${to}"]`)?.focus());
  }
  function onKeyDown(event: KeyboardEvent) {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / height) - 1);
    const to = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: entries.length - 1,
    }[event.key];
    const entry = entries[active];
    if (to !== undefined) {
      event.preventDefault();
      focusRow(to);
    } else if (event.key === "Enter" && entry) {
      event.preventDefault();
      onOpen(entry.id);
    }
  }
  return (
    <div
      ref={scroller}
      className="min-h-0 flex-1 overflow-y-auto bg-bg"
      onScroll={(event) => onTop(event.currentTarget.scrollTop < height)}
    >
      <div
        role="grid"
        aria-label="Log entries"
        aria-rowcount={-1}
        className="relative"
        style={{ height: rows.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {items.map((item) => {
          const entry = entries[item.index];
          if (!entry) return null;
          const level = levelOf(entry.level);
          const status = toText(entry.data["status"]);
          const time = entry.data["execTime"];
          return (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 1}
              aria-selected={entry.id === activeId}
              data-row={item.index}
              tabIndex={Math.min(active, entries.length - 1) === item.index ? 0 : -1}
              onFocus={() => setActive(item.index)}
              onClick={() => onOpen(entry.id)}
              style={{ top: item.start, height }}
              className={cx(
                "absolute inset-x-0 flex cursor-pointer items-center gap-x-3 border-b border-line px-3 -outline-offset-2 max-sm:flex-wrap max-sm:content-center",
                entry.id === activeId ? "bg-selected" : "hover:bg-hover",
              )}
            >
              <span role="gridcell" className="w-36 shrink-0 text-ink-2">
                <Time value={entry.created} />
              </span>
              <span role="gridcell" className={cx("w-16 shrink-0 font-medium", tones[level.tone])}>
                {level.name}
              </span>
              <span
                role="gridcell"
                className="min-w-0 flex-1 truncate font-mono text-code max-sm:order-last max-sm:basis-full"
              >
                {redactText(entry.message)}
              </span>
              <span
                role="gridcell"
                className={cx("tnum w-10 shrink-0 text-end", Number(status) >= 400 && "text-danger-text")}
              >
                {status}
              </span>
              <span role="gridcell" className="tnum w-16 shrink-0 text-end text-ink-3 max-md:hidden">
                {typeof time === "number" ? `${time < 10 ? time.toFixed(1) : Math.round(time)} ms` : ""}
              </span>
              <span role="gridcell" className="w-24 shrink-0 truncate text-ink-3 max-lg:hidden">
                {toText(entry.data["auth"])}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** To the second: entries of one minute are the rule here. */
function Time({ value }: { value: string }) {
  const { zone } = useStore(prefs);
  const date = parseWire(value);
  return (
    <time dateTime={date?.toISOString()} className="tnum whitespace-nowrap">
      {date ? formatTyped(date, zone).slice(0, 19).padEnd(19, ":00") : value}
    </time>
  );
}
