import {
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
} from "react";
import { cx } from "@/lib/cx";
import { textScale } from "@/ui/text-scale";
import { GridHead } from "./head";
import { leavePlace, placeOf } from "./places";
import { mirrored, nextPosition, type Position } from "./keyboard";
import type { CellRange } from "./range";
import { GridRow } from "./row";
import type { GridProps, Move } from "./types";
import { onCell, useClipboard } from "./use-clipboard";
import { useRowEvents } from "./use-row-events";
import { useWindow } from "./use-window";

/** The row whose cell has the focus. */
function rowOf(scroller: HTMLElement | null, focused: Element | null): number | null {
  const cell = scroller?.contains(focused) ? focused?.getAttribute("data-cell") : null;
  return cell ? Number.parseInt(cell, 10) : null;
}

/** Virtual rows and columns over the ARIA grid pattern: one stop in the tab order, arrows inside. */
export function Grid<R extends { id: string }>(props: GridProps<R>) {
  const { columns, rowCount, rowAt, rowHeight, onRange, selected, loadedIds } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<Position>({ row: 0, column: 1 });
  const [corner, setCorner] = useState<Position | null>(null);
  const root = useRef<HTMLDivElement>(null);
  /** The cell that gets the focus as soon as it is drawn. */
  const wanted = useRef<Position | null>(null);
  const lastPicked = useRef<number | null>(null);
  const rtl = document.documentElement.dir === "rtl";

  const { rows, across, items, slots, visible, size, drawn } = useWindow(scroller, props);
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  // Loading follows the scroll position, which only the browser knows.
  useEffect(() => onRange(from, to), [onRange, from, to]);

  const focusAt = props.focus?.at ?? 0;
  const [taken, setTaken] = useState(0);
  if (focusAt !== taken) {
    setTaken(focusAt);
    setCorner(null);
    if (props.focus)
      setActive({ row: props.focus.row === "last" ? rowCount - 1 : 0, column: Math.max(1, active.column) });
  }
  const current = { row: Math.min(active.row, rowCount - 1), column: Math.min(active.column, columns.length) };
  const inSight = current.row < 0 || (current.row >= from && current.row <= to);

  const block: CellRange | null = corner && current.row >= 0 ? { from: corner, to: current } : null;

  const { onCopy, onPaste } = useClipboard(props, block ?? { from: current, to: current });
  function focusCell(position: Position, extend = false) {
    setCorner(extend ? (corner ?? current) : null);
    setActive(position);
    reach(position);
  }
  function reach(position: Position) {
    if (position.row >= 0) rows.scrollToIndex(position.row, { align: "auto" });
    const beyond = position.column - 1 - props.frozen;
    if (beyond >= 0) across.scrollToIndex(beyond, { align: "auto" });
    wanted.current = position;
    followUp();
  }
  /**
   * Within the event of the key, so that the next one never meets the cell before. A cell that is not drawn yet can't have
   * the focus; the grid takes the keys for it meanwhile, since the one that has it may be about to go.
   */
  function followUp() {
    const next = wanted.current;
    if (!next) return;
    const cell = scroller.current?.querySelector<HTMLElement>(`[data-cell="${next.row}:${next.column}"]`);
    (cell ?? root.current)?.focus({ preventScroll: true });
    if (cell) wanted.current = null;
  }
  useLayoutEffect(() => {
    const { activeElement } = document;
    const row = rowOf(scroller.current, activeElement);
    // Its row has scrolled away, and what it was drawn with shows another one.
    const strayed = row !== null && row !== current.row && row >= 0;
    if (strayed) wanted.current = current;
    if (strayed || activeElement === root.current) followUp();
  });
  function onActivate(row: number, column: number) {
    if (wanted.current?.row === row && wanted.current.column === column) return;
    if (row === current.row && column === current.column) return;
    setCorner(null);
    setActive({ row, column });
  }
  const list = `${props.label}\n${props.listKey ?? ""}`;
  const isNew = useRef(true);
  // Another list starts at its beginning, or where it was left; the scroll position is the browser's.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return undefined;
    const { top, left } = placeOf(list);
    if (!isNew.current || top !== 0) box.scrollTop = top;
    if (left !== 0) box.scrollLeft = left;
    isNew.current = false;
    return () => leavePlace(list, { top: box.scrollTop, left: box.scrollLeft });
  }, [list]);
  const takeFocus = useEffectEvent(() => reach(current));
  // The list has been replaced by another part of it; the focus of the browser follows.
  useEffect(() => {
    if (focusAt > 0) takeFocus();
  }, [focusAt]);
  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 400) - 36 * textScale()) / rowHeight) - 1);
    const next = nextPosition(
      rtl ? mirrored(event.key) : event.key,
      event.ctrlKey || event.metaKey,
      current,
      rowCount,
      columns.length + 1,
      page,
    );
    const row = rowAt(current.row);
    const column = columns[current.column - 1];
    const { target } = event;
    const waits = target === root.current;
    // The first column is a link; Enter on it is for the browser to follow.
    const follows = event.key === "Enter" && current.column === 1;
    if (event.key === "End" && (event.ctrlKey || event.metaKey) && props.onEnd) {
      event.preventDefault();
      props.onEnd();
    } else if ((onCell(target) || waits) && !follows && row && column && props.onCellKey?.(event, row, column)) {
      event.preventDefault();
    } else if (next) {
      event.preventDefault();
      const extend = event.shiftKey && event.key.startsWith("Arrow") && current.row >= 0 && current.column > 0;
      if (!extend || (next.row >= 0 && next.column > 0)) focusCell(next, extend);
    } else if (event.key === "Escape" && corner) {
      event.preventDefault();
      setCorner(null);
    } else if (
      row &&
      event.key === "Enter" &&
      current.column > 0 &&
      (waits || (target instanceof HTMLElement && target.getAttribute("role") === "gridcell"))
    ) {
      event.preventDefault();
      props.onOpen(row);
    } else if (row && event.key === " " && (current.column === 0 ? waits : event.shiftKey)) {
      // A checkbox that has the focus does it itself.
      event.preventDefault();
      props.onSelect([row.id], !selected.has(row.id));
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      props.onSelect(loadedIds(), true);
    }
  }
  function onPress(row: number, column: number, event: MouseEvent) {
    if (!event.shiftKey || column < 1) return;
    event.preventDefault();
    focusCell({ row, column }, true);
  }
  function onEdited(row: number, column: number, move: Move) {
    const by = { stay: [0, 0], down: [1, 0], next: [0, 1], previous: [0, -1] }[move];
    focusCell({
      row: Math.min(rowCount - 1, row + (by[0] ?? 0)),
      column: Math.max(1, Math.min(columns.length, column + (by[1] ?? 0))),
    });
  }
  function pick(index: number, on: boolean, range: boolean) {
    const start = range && lastPicked.current !== null ? lastPicked.current : index;
    lastPicked.current = index;
    const ids: string[] = [];
    for (let at = Math.min(start, index); at <= Math.max(start, index); at += 1) {
      const row = rowAt(at);
      if (row) ids.push(row.id);
    }
    props.onSelect(ids, on);
  }
  const on = useRowEvents({ activate: onActivate, press: onPress, pick, edited: onEdited });
  return (
    <div ref={scroller} className="relative min-h-0 flex-1 overflow-auto bg-bg [contain:strict]">
      <div
        ref={root}
        role="grid"
        tabIndex={inSight ? -1 : 0}
        aria-label={props.label}
        aria-rowcount={props.total < 0 ? -1 : props.total + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable
        onKeyDown={onKeyDown}
        onCopy={onCopy}
        onCut={onCopy}
        onPaste={onPaste}
        className="outline-none"
        style={{ width: size.width, minWidth: "100%" }}
      >
        <GridHead grid={props} visible={visible} current={current} onFocus={(column) => onActivate(-1, column)} />
        <div
          role="rowgroup"
          aria-owns={slots.order()}
          className={cx("relative", props.dimmed && "[&_[role=gridcell]]:!bg-sunken")}
          style={{ height: size.height }}
        >
          {slots.items.map((item) => (
            <GridRow
              key={slots.of(item.index)}
              id={slots.id(item.index)}
              row={rowAt(item.index)}
              index={item.index}
              top={item.start}
              grid={props}
              visible={visible}
              activeColumn={current.row === item.index ? current.column : null}
              range={block}
              menus={drawn}
              on={on}
            />
          ))}
        </div>
      </div>
      {rowCount === 0 && (
        <div className="sticky start-0 flex h-[calc(100%-2.25rem)] w-full overflow-auto">{props.empty}</div>
      )}
    </div>
  );
}
