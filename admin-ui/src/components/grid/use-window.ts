import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useId, useRef, useState, type RefObject } from "react";
import { afterPaint } from "@/lib/after-paint";
import { textScale } from "@/ui/text-scale";
import { scrollUnlessNew, sizeAsLaidOut } from "./first-look";
import { selectWidth } from "./row";
import { rangeOf, Slots } from "./slots";

/** Rows and columns that are drawn beyond each edge. */
const overscan = { rows: 5, columns: 2 };

/** The first draw can't know its place yet; it fills the most there can be instead of waiting for a second one. */
function screenRect() {
  const beside = window.matchMedia("(min-width: 64rem)").matches ? 292 : 0;
  return { width: window.innerWidth - beside, height: window.innerHeight - 120 };
}

/** A little less room is no reason to give every row new elements. */
function fitting(now: number, height: number, rowHeight: number): number {
  return height > now || now - height > 4 * rowHeight ? height : now;
}

type WindowProps = { columns: { width: number }[]; frozen: number; rowCount: number; rowHeight: number };

/** The part of a table that is drawn: rows and columns in sight, and a few more. */
export function useWindow(scroller: RefObject<HTMLDivElement | null>, props: WindowProps) {
  const { columns, rowCount, rowHeight } = props;
  const others = columns.slice(props.frozen);
  const frozen = columns.slice(0, props.frozen).reduce((sum, column) => sum + column.width, selectWidth);
  const [drawn, setDrawn] = useState(false);
  const [height, setHeight] = useState(() => screenRect().height);
  /** Always as many: the next row is then drawn with the elements of one that has gone. */
  const most = Math.ceil(height / rowHeight) + 1 + 2 * overscan.rows;
  const rows = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    rangeExtractor: ({ startIndex, endIndex, count }) =>
      drawn ? rangeOf(startIndex - overscan.rows, most, count) : rangeOf(startIndex, endIndex + 1 - startIndex, count),
    scrollPaddingStart: 36 * textScale(),
    initialRect: screenRect(),
    observeElementRect: sizeAsLaidOut,
    scrollToFn: scrollUnlessNew,
    onChange: ({ scrollRect }) => {
      if (scrollRect) setHeight((now) => fitting(now, scrollRect.height, rowHeight));
    },
  });
  const across = useVirtualizer({
    horizontal: true,
    count: others.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => others[index]?.width ?? 120,
    overscan: drawn ? overscan.columns : 0,
    paddingStart: frozen,
    scrollPaddingStart: frozen,
    isRtl: document.documentElement.dir === "rtl",
    initialRect: screenRect(),
    observeElementRect: sizeAsLaidOut,
    scrollToFn: scrollUnlessNew,
  });
  const widthKey = columns.map((column) => column.width).join();
  // The virtualizers keep measured sizes of their own and have to be told about new ones.
  const measured = useRef({ widthKey, rowHeight });
  useEffect(() => {
    if (measured.current.widthKey !== widthKey) across.measure();
    if (measured.current.rowHeight !== rowHeight) rows.measure();
    measured.current = { widthKey, rowHeight };
  }, [across, rows, widthKey, rowHeight]);

  // What lies beyond the edges is for scrolling, menus are for pointers; the first frame does without them. The browser
  // says when it is through.
  useEffect(() => afterPaint(() => setDrawn(true)), []);
  const items = rows.getVirtualItems();
  return {
    rows,
    across,
    items,
    slots: new Slots(useId(), items, most),
    visible: across.getVirtualItems(),
    size: { width: Math.max(across.getTotalSize(), frozen), height: rows.getTotalSize() },
    /** The first frame has been painted. */
    drawn,
  };
}
