import { ArrowDown, ArrowUp } from "lucide-react";
import type { PointerEvent as ReactPointerEvent } from "react";
import { cx } from "@/lib/cx";
import type { GridColumn, GridSort } from "./types";

type HeaderCellProps<R> = {
  column: GridColumn<R>;
  index: number;
  /** Where it is, and whether it stays there when the others scroll. */
  at: { stays: boolean; start: number };
  sort: GridSort;
  focusable: boolean;
  onFocus: () => void;
  onSort: () => void;
  onResize: (width: number) => void;
  onMove: (by: -1 | 1) => void;
};

/** A header names its column, sorts by it, and can be dragged wider at its end (or with Shift and the arrow keys; Alt moves). */
export function HeaderCell<R>(props: HeaderCellProps<R>) {
  const { column, index, at, sort, focusable, onFocus, onSort, onResize, onMove } = props;
  const direction = sort?.field === column.name ? (sort.desc ? "descending" : "ascending") : "none";
  const Arrow = direction === "descending" ? ArrowDown : ArrowUp;

  function startResize(event: ReactPointerEvent<HTMLElement>) {
    event.preventDefault();
    const handle = event.currentTarget;
    const from = event.clientX;
    // The edge of a column is on its other side where text runs from the right.
    const sign = document.documentElement.dir === "rtl" ? -1 : 1;
    const move = (moved: globalThis.PointerEvent) => onResize(column.width + sign * (moved.clientX - from));
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), {
      once: true,
    });
  }
  return (
    <div
      role="columnheader"
      aria-colindex={index + 2}
      aria-sort={column.sortable ? direction : undefined}
      style={{ width: column.width, insetInlineStart: at.start }}
      className={cx(
        "group/head flex h-full items-center border-e border-line bg-canvas",
        at.stays ? "sticky z-10 shrink-0" : "absolute",
      )}
    >
      <button
        type="button"
        data-cell={`-1:${index + 1}`}
        tabIndex={focusable ? 0 : -1}
        onFocus={onFocus}
        aria-disabled={!column.sortable || undefined}
        onClick={() => column.sortable && onSort()}
        onKeyDown={(event) => {
          if (!(event.shiftKey || event.altKey) || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
          event.preventDefault();
          event.stopPropagation();
          const by = event.key === "ArrowRight" ? 1 : -1;
          if (event.altKey) onMove(by);
          else onResize(column.width + by * 16);
        }}
        className={cx(
          "flex h-full min-w-0 flex-1 items-center gap-1.5 px-2.5 font-medium text-ink-2 -outline-offset-2 enabled:hover:text-ink",
          column.alignEnd && "flex-row-reverse",
        )}
      >
        <span className="shrink-0 text-ink-3" aria-hidden>
          {column.icon}
        </span>
        <span className="truncate">{column.name}</span>
        {direction !== "none" && <Arrow size={14} aria-hidden className="shrink-0 text-accent-text" />}
      </button>
      <span
        aria-hidden
        onPointerDown={startResize}
        className="absolute inset-y-0 end-[-4px] z-10 w-2 cursor-col-resize touch-none after:absolute after:inset-y-1 after:start-1/2 after:w-px hover:after:bg-accent"
      />
    </div>
  );
}
