import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { cx } from "@/lib/cx";
import { Checkbox } from "@/ui/checkbox";
import { Skeleton } from "@/ui/skeleton";
import { textScale } from "@/ui/text-scale";
import type { GridProps } from "./types";

/** Room for a title beside a button of finger size, three lines and the gap to the next card. */
const roomyHeight = 144;

/** The grid for a phone: one card per record with its title and the next three columns. */
export function CardList<R extends { id: string }>(props: GridProps<R>) {
  const scroller = useRef<HTMLDivElement>(null);
  const cardHeight = Math.round(roomyHeight * textScale());
  const [first, ...others] = props.columns;
  const shown = others.slice(0, 3);
  const rows = useVirtualizer({
    count: props.rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => cardHeight,
    overscan: 6,
  });
  const items = rows.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  const { onRange } = props;
  // Loading follows the scroll position, which only the browser knows.
  useEffect(() => onRange(from, to), [onRange, from, to]);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto bg-canvas">
      {props.rowCount === 0 && <div className="flex h-full">{props.empty}</div>}
      <ul aria-label={props.label} className="relative" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const row = props.rowAt(item.index);
          return (
            <li
              key={row?.id ?? `loading ${item.index}`}
              className="absolute inset-x-0 px-3 pt-2"
              style={{ top: item.start, height: cardHeight }}
            >
              <div
                className={cx(
                  "flex h-full flex-col rounded-md border border-line p-2.5",
                  props.dimmed ? "bg-sunken" : "bg-bg",
                )}
              >
                {row && first ? (
                  <>
                    <div className="flex items-center gap-2">
                      <Checkbox
                        label={`Select ${props.titleOf(row)}`}
                        checked={props.selected.has(row.id)}
                        onChange={(on) => props.onSelect([row.id], on)}
                      />
                      <a
                        href={props.hrefOf(row)}
                        dir="auto"
                        className="min-w-0 flex-1 truncate py-1 text-md font-semibold text-ink"
                      >
                        {props.titleOf(row)}
                      </a>
                      {props.rowActions(row)}
                    </div>
                    <dl className="mt-1 grid grid-cols-[minmax(64px,max-content)_1fr] gap-x-3 gap-y-0.5">
                      {shown.map((column) => (
                        <div key={column.id} className="contents">
                          <dt className="flex h-5 max-w-28 items-center truncate text-sm text-ink-3">{column.name}</dt>
                          <dd className="flex h-5 min-w-0 items-center [&_.ms-auto]:ms-0">{column.cell(row)}</dd>
                        </div>
                      ))}
                    </dl>
                  </>
                ) : (
                  <Skeleton className="w-1/2" />
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
