import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState, type FocusEvent, type ReactNode, type Ref, type RefObject } from "react";
import { textScale } from "@/ui/text-scale";
import { useMedia } from "@/ui/use-media";

/** Up to so many rows all are drawn, so that the browser's own search finds them. */
const few = 150;

/** Whether some rows are not there to say how wide a column has to be. */
export function isLong(rows: unknown[]): boolean {
  return rows.length > few;
}

/** What is in sight, and places elsewhere that have to be there, such as that of the focus. */
export function withKept(range: Range, kept: number[]): number[] {
  return [...new Set([...defaultRangeExtractor(range), ...kept])]
    .filter((index) => index >= 0 && index < range.count)
    .toSorted((a, b) => a - b);
}

type RowProps = { ref?: Ref<HTMLTableRowElement>; "data-index": number; "aria-rowindex": number };

type LongBodyProps<R> = {
  rows: R[];
  /** What the page scrolls in. */
  scroller: RefObject<HTMLElement | null>;
  children: (row: R, props: RowProps) => ReactNode;
};

/**
 * The rows of a table on a page that scrolls: of a long one those near what is in sight, and the one that has the focus between
 * its neighbours, so that Tab goes on from there. On paper there are all of them.
 */
export function LongBody<R extends { id: string }>({ rows, scroller, children }: LongBodyProps<R>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const printing = useMedia("print");
  const [focused, setFocused] = useState("");
  const [margin, setMargin] = useState(0);
  const long = isLong(rows);
  const virtual = useVirtualizer({
    count: rows.length,
    enabled: long,
    getScrollElement: () => scroller.current,
    estimateSize: () => 45 * textScale(),
    getItemKey: (index) => rows[index]?.id ?? index,
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    scrollMargin: margin,
    overscan: 8,
    rangeExtractor: (range) => {
      const at = rows.findIndex((row) => row.id === focused);
      return withKept(range, at < 0 ? [] : [at - 1, at, at + 1]);
    },
  });
  const width = virtual.scrollRect?.width;
  // Where it begins depends on the text above it.
  useLayoutEffect(() => {
    if (!long || !scroller.current || !body.current) return;
    const { scrollTop } = scroller.current;
    setMargin(body.current.getBoundingClientRect().top - scroller.current.getBoundingClientRect().top + scrollTop);
  }, [long, scroller, width]);
  function onFocus(event: FocusEvent) {
    const row = rows[Number(event.target.closest("[data-index]")?.getAttribute("data-index") ?? -1)];
    if (row) setFocused(row.id);
  }
  const draw = (index: number) => {
    const row = rows[index];
    const props = { "data-index": index, "aria-rowindex": index + 2 };
    return row && children(row, long ? { ...props, ref: virtual.measureElement } : props);
  };
  const drawn: ReactNode[] = [];
  if (!long || printing) drawn.push(...rows.map((_, index) => draw(index)));
  else {
    const leaveOut = (from: number, to: number) => {
      if (to > from) drawn.push(<tr key={`gap ${from}`} aria-hidden style={{ height: to - from }} />);
    };
    let end = margin;
    for (const item of virtual.getVirtualItems()) {
      leaveOut(end, item.start);
      drawn.push(draw(item.index));
      end = item.end;
    }
    leaveOut(end, virtual.getTotalSize() + margin);
  }
  return (
    <tbody ref={body} onFocus={onFocus}>
      {drawn}
    </tbody>
  );
}
