import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight, Database, Eye, Users } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import type { Collection } from "@/api/types";
import { scrollUnlessNew, sizeAsLaidOut } from "@/components/grid/first-look";
import { withKept } from "@/components/long-table";
import { cx } from "@/lib/cx";
import { bringIntoSight } from "@/lib/in-sight";
import { textScale } from "@/ui/text-scale";
import { useMedia } from "@/ui/use-media";
import { collectionPath } from "./paths";
import { type Group, type Row } from "./tree-model";

const icons = { base: Database, auth: Users, view: Eye } as const;
const kindWords = { base: "", auth: ", auth collection", view: ", view collection" } as const;

/** In pixels of usual text; a group has a gap before it. */
const heights = { entry: 32, group: 28, finger: 44, gap: 4 };

type TreeRowsProps = {
  groups: Group[];
  rows: Row[];
  isOpen: (group: Group) => boolean;
  current: string;
  /** The row that Tab leads to. */
  stop: string;
  onToggle: (group: string) => void;
  onNavigate: (to: string) => void;
};

/** The rows near what is in sight, and those that have or get the focus. One stop in the tab order, arrows inside. */
export function TreeRows({ groups, rows, isOpen, current, stop, onToggle, onNavigate }: TreeRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const coarse = useMedia("(pointer: coarse)");
  const [focused, setFocused] = useState("");
  const height = (row: Row) => (coarse ? heights.finger : row.collection ? heights.entry : heights.group) * textScale();
  const gap = heights.gap * textScale();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const row = rows[index];
      return row ? height(row) + (row.collection ? 0 : gap) : 0;
    },
    getItemKey: (index) => rows[index]?.key ?? index,
    initialRect: { width: 240, height: window.innerHeight },
    observeElementRect: sizeAsLaidOut,
    scrollToFn: scrollUnlessNew,
    rangeExtractor: (range) =>
      withKept(
        range,
        rows.flatMap(({ key, collection }, index) =>
          key === stop || key === focused || collection?.name === current ? [index] : [],
        ),
      ),
    overscan: 8,
  });
  const measured = useRef(coarse);
  // It keeps the heights it was told.
  useEffect(() => {
    if (measured.current !== coarse) virtual.measure();
    measured.current = coarse;
  }, [virtual, coarse]);
  const drawn = virtual.getVirtualItems().flatMap(({ index, start }) => {
    const row = rows[index];
    return row ? [{ ...row, index, top: start + (row.collection ? 0 : gap) }] : [];
  });

  function focusRow(index: number) {
    const row = rows[index];
    if (!row || !scroller.current) return;
    flushSync(() => setFocused(row.key));
    const stopOf = scroller.current.querySelector<HTMLElement>(`[data-row="${index}"]`);
    stopOf?.focus({ preventScroll: true });
    if (stopOf) bringIntoSight(scroller.current, stopOf);
  }
  function onKeyDown(event: KeyboardEvent) {
    const at = Number(document.activeElement?.getAttribute("data-row") ?? -1);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    const row = rows[at];
    if (to !== undefined) {
      event.preventDefault();
      focusRow(to);
    } else if (row && !row.collection && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      event.preventDefault();
      if (isOpen(row.group) !== (event.key === "ArrowRight")) onToggle(row.group.id);
    }
  }
  const entriesOf = (group: Group) =>
    drawn.map((row) =>
      row.collection && row.group === group ? (
        <TreeEntry
          key={row.key}
          row={row}
          collection={row.collection}
          style={{ top: row.top, height: height(row) }}
          current={row.collection.name === current}
          stop={row.key === stop}
          onNavigate={onNavigate}
        />
      ) : null,
    );
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
      <ul
        role="tree"
        aria-label="Collections"
        className="relative mb-3"
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={onKeyDown}
        onFocus={(event) => setFocused(rows[Number(event.target.getAttribute("data-row") ?? -1)]?.key ?? focused)}
      >
        {groups
          .filter((group) => drawn.some((row) => row.group === group))
          .map((group) => {
            if (group.label === "") return entriesOf(group);
            const head = drawn.find((row) => row.group === group && !row.collection);
            return (
              <li role="none" key={group.id}>
                {head && (
                  <TreeGroup
                    row={head}
                    style={{ top: head.top, height: height(head) }}
                    open={isOpen(group)}
                    stop={stop === head.key}
                    onToggle={() => onToggle(group.id)}
                  />
                )}
                {isOpen(group) && (
                  <ul role="group" aria-label={group.label}>
                    {entriesOf(group)}
                  </ul>
                )}
              </li>
            );
          })}
      </ul>
    </div>
  );
}

type Drawn = Row & { index: number };
type Style = { top: number; height: number };

type TreeGroupProps = { row: Drawn; style: Style; open: boolean; stop: boolean; onToggle: () => void };

function TreeGroup({ row, style, open, stop, onToggle }: TreeGroupProps) {
  return (
    <div
      role="treeitem"
      aria-level={row.level}
      aria-posinset={row.at}
      aria-setsize={row.of}
      aria-expanded={open}
      aria-selected={false}
      data-row={row.index}
      tabIndex={stop ? 0 : -1}
      style={style}
      className="absolute inset-x-2 flex cursor-pointer items-center gap-1.5 rounded-sm px-2 text-sm text-ink-3 select-none -outline-offset-2 hover:bg-hover hover:text-ink"
      onClick={onToggle}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === " ") onToggle();
      }}
    >
      <ChevronRight size={14} aria-hidden className={cx("shrink-0 transition-transform", open && "rotate-90")} />
      <span className="truncate">{row.group.label}</span>
    </div>
  );
}

type TreeEntryProps = {
  row: Drawn;
  collection: Collection;
  style: Style;
  current: boolean;
  stop: boolean;
  onNavigate: (to: string) => void;
};

function TreeEntry({ row, collection, style, current, stop, onNavigate }: TreeEntryProps) {
  const Icon = icons[collection.type];
  const item = useRef<HTMLLIElement>(null);
  // A link from elsewhere may lead to one far down.
  useEffect(() => {
    const list = item.current?.closest("[role=tree]")?.parentElement;
    if (current && item.current && list) bringIntoSight(list, item.current);
  }, [current]);
  return (
    <li
      ref={item}
      role="treeitem"
      aria-label={`${collection.name}${kindWords[collection.type]}`}
      aria-level={row.level}
      aria-posinset={row.at}
      aria-setsize={row.of}
      aria-selected={current}
      style={style}
      className="absolute inset-x-2"
    >
      <a
        href={`#${collectionPath(collection.name)}`}
        data-row={row.index}
        tabIndex={stop ? 0 : -1}
        title={collection.name}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          onNavigate(collectionPath(collection.name));
        }}
        className={cx(
          "flex h-full items-center gap-2 rounded-sm pe-2 -outline-offset-2",
          row.level === 1 ? "ps-2" : "ps-6",
          current ? "bg-selected font-medium text-ink" : "text-ink-2 hover:bg-hover hover:text-ink",
        )}
      >
        <Icon
          size={14}
          strokeWidth={1.75}
          aria-hidden
          className={cx("shrink-0", current ? "text-accent-text" : "text-ink-3")}
        />
        <span className="truncate">{collection.name}</span>
      </a>
    </li>
  );
}
