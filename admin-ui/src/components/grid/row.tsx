import type { VirtualItem } from "@tanstack/react-virtual";
import { Fragment, useMemo, useRef, type MouseEvent, type ReactNode } from "react";
import { cx } from "@/lib/cx";
import { Checkbox } from "@/ui/checkbox";
import { Skeleton } from "@/ui/skeleton";
import { inRange, type CellRange } from "./range";
import type { CellMark, GridColumn, GridProps, Move } from "./types";

type GridRowProps<R extends { id: string }> = {
  id: string;
  row: R | undefined;
  index: number;
  top: number;
  grid: GridProps<R>;
  visible: VirtualItem[];
  activeColumn: number | null;
  range: CellRange | null;
  /** Whether rows have their menus yet. */
  menus: boolean;
  on: RowEvents;
};

/** What happens to a row, by its place. */
export type RowEvents = {
  activate: (row: number, column: number) => void;
  press: (row: number, column: number, event: MouseEvent) => void;
  pick: (row: number, checked: boolean, range: boolean) => void;
  edited: (row: number, column: number, move: Move) => void;
};

/** The width of the column with the checkboxes. */
export const selectWidth = 41;

/** Where a column that stays begins. */
export function startOf(fixed: { width: number }[], index: number): number {
  return fixed.slice(0, index).reduce((sum, column) => sum + column.width, selectWidth);
}

/** Scrolling moves rows in and out; those that stay are not drawn again, and those that come are drawn with what went. */
export function GridRow<R extends { id: string }>(props: GridRowProps<R>): ReactNode {
  const { id, row, index, top, grid, visible, activeColumn, range, menus, on } = props;
  return useMemo(
    () => <Cells {...{ id, row, index, top, grid, visible, activeColumn, range, menus, on }} />,
    [id, row, index, top, grid, visible, activeColumn, range, menus, on],
  );
}

/** The row itself is not a button: the title is a link, the checkbox a checkbox. */
function Cells<R extends { id: string }>({
  id,
  row,
  index: rowIndex,
  top,
  grid,
  visible,
  activeColumn,
  range,
  menus,
  on,
}: GridRowProps<R>) {
  const shift = useRef(false);
  const [first, ...further] = grid.columns.slice(0, grid.frozen);
  const chosen = row !== undefined && grid.selected.has(row.id);
  const open = row !== undefined && grid.activeId === row.id;
  const firstEditor = row && first ? grid.editorOf?.(row, first, (move) => on.edited(rowIndex, 1, move)) : null;
  const firstText = row && first?.written?.text(row);
  const firstMark = row && first ? markOf(row, first) : null;
  const frozen = startOf(grid.columns, grid.frozen);
  const surface = chosen || open ? "bg-selected" : "bg-bg group-hover/row:bg-hover";
  return (
    <div
      role="row"
      id={id}
      aria-rowindex={rowIndex + 2}
      aria-selected={chosen}
      aria-busy={row === undefined || undefined}
      className={cx("group/row absolute inset-x-0 flex", row && grid.toneOf?.(row))}
      style={{ top, height: grid.rowHeight }}
    >
      {/* What stays in sight stays as one: each thing that sticks is a layer of its own for the browser. */}
      <div className="sticky start-0 z-10 flex shrink-0">
        <div
          role="gridcell"
          aria-colindex={1}
          className={cx(
            "flex w-[41px] shrink-0 items-center justify-center border-e border-b border-line",
            open && "relative",
            surface,
          )}
          onClickCapture={(event) => {
            shift.current = event.shiftKey;
          }}
        >
          {row && (
            <Checkbox
              label={`Select ${grid.titleOf(row)}`}
              checked={chosen}
              tabIndex={activeColumn === 0 ? 0 : -1}
              cell={`${rowIndex}:0`}
              onFocus={() => on.activate(rowIndex, 0)}
              onChange={(checked) => on.pick(rowIndex, checked, shift.current)}
            />
          )}
          {open && <span aria-hidden className="absolute inset-y-0 start-0 w-[3px] bg-accent" />}
        </div>
        {first && (
          <div
            role="gridcell"
            aria-colindex={2}
            aria-selected={inRange(range, rowIndex, 1) || undefined}
            style={{ width: first.width }}
            className={cx(
              "flex shrink-0 items-center border-e border-b border-line ps-2.5 pe-1",
              firstMark && "relative isolate",
              inRange(range, rowIndex, 1) ? "bg-selected shadow-[inset_0_0_0_1px_var(--accent)]" : surface,
            )}
          >
            {firstMark}
            {row && firstEditor ? (
              <Fragment key={row.id}>{firstEditor}</Fragment>
            ) : row ? (
              <>
                <a
                  href={grid.hrefOf(row)}
                  data-cell={`${rowIndex}:1`}
                  tabIndex={activeColumn === 1 ? 0 : -1}
                  onFocus={() => on.activate(rowIndex, 1)}
                  onDoubleClick={() => grid.onCellDouble?.(row, first)}
                  className="flex min-w-0 flex-1 self-stretch items-center font-medium text-ink -outline-offset-2 hover:text-accent-text hover:underline"
                >
                  <span className="sr-only">{grid.titleOf(row)}</span>
                  {firstText ? (
                    <span aria-hidden dir="auto" className={cx("min-w-0 flex-1 truncate", first.written?.look)}>
                      {firstText}
                    </span>
                  ) : (
                    <span aria-hidden className="flex min-w-0 flex-1 items-center">
                      {first.cell(row)}
                    </span>
                  )}
                </a>
                {menus && grid.rowActions(row)}
              </>
            ) : (
              <Skeleton className="w-2/3" />
            )}
          </div>
        )}
        {further.map((column, at) => plainCell(column, at + 1, 0))}
      </div>
      {visible.map((item, at) => {
        const column = grid.columns[grid.frozen + item.index];
        return column && plainCell(column, grid.frozen + item.index, at === 0 ? item.start - frozen : 0);
      })}
    </div>
  );

  function markOf(of: R, column: GridColumn<R>) {
    const mark = grid.markOf?.(of, column);
    return mark ? <Mark mark={mark} /> : null;
  }

  /** `room` is what columns before it would need that are not drawn. */
  function plainCell(column: GridColumn<R>, index: number, room: number) {
    const at = index + 1;
    const marked = inRange(range, rowIndex, at);
    const mark = row ? markOf(row, column) : null;
    const editor = row ? grid.editorOf?.(row, column, (move) => on.edited(rowIndex, at, move)) : null;
    const written = row && !editor ? column.written : undefined;
    const text = row && written?.text(row);
    return (
      <div
        key={column.id}
        role="gridcell"
        aria-colindex={at + 1}
        aria-readonly={!column.editable || undefined}
        aria-selected={marked || undefined}
        data-cell={`${rowIndex}:${at}`}
        tabIndex={activeColumn === at ? 0 : -1}
        onFocus={() => on.activate(rowIndex, at)}
        onMouseDown={(event) => on.press(rowIndex, at, event)}
        onDoubleClick={() => row && (grid.onCellDouble ? grid.onCellDouble(row, column) : grid.onOpen(row))}
        // The text is centred by the height of its line, and so needs no box inside the cell.
        style={{ marginInlineStart: room, width: column.width, lineHeight: written && `${grid.rowHeight}px` }}
        className={cx(
          "shrink-0 border-e border-b border-line px-2.5 -outline-offset-2",
          written ? "truncate" : "flex items-center overflow-hidden",
          written && (text ? cx(written.look, column.alignEnd && "text-end") : "empty-value"),
          // Only then: what is placed, or stacks by itself, is painted by itself.
          mark || editor ? "relative isolate" : "",
          marked ? "bg-selected shadow-[inset_0_0_0_1px_var(--accent)]" : surface,
        )}
      >
        {mark}
        {row ? (
          editor ? (
            <div key={row.id} className="absolute inset-0 z-10">
              {editor}
            </div>
          ) : (
            (directed(text) ?? <CellContent column={column} row={row} />)
          )
        ) : (
          <Skeleton className={column.alignEnd ? "ms-auto w-1/2" : "w-2/3"} />
        )}
      </div>
    );
  }
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Text that may begin on the other side is cut off on its own end. The others need no box for that. */
function directed(text: string | undefined): ReactNode {
  if (!text || !rightToLeft.test(text)) return text;
  return (
    <span dir="auto" className="block truncate">
      {text}
    </span>
  );
}

/** A bar and words, so that it is never the colour alone. */
function Mark({ mark }: { mark: CellMark }) {
  const invalid = mark.tone === "invalid";
  return (
    <span
      title={mark.note}
      className={cx("pointer-events-none absolute inset-0 -z-10", invalid ? "bg-danger-soft" : "bg-warn-soft")}
    >
      <span className={cx("absolute inset-y-0 start-0 w-[3px]", invalid ? "bg-danger" : "bg-warn")} />
      <span className="sr-only">{mark.note}</span>
    </span>
  );
}

/** A cell depends on its record and column alone, so scrolling never renders it twice. */
function CellContent<R>({ column, row }: { column: GridColumn<R>; row: R }): ReactNode {
  return useMemo(() => column.cell(row), [column, row]);
}
