import type { VirtualItem } from "@tanstack/react-virtual";
import { Checkbox } from "@/ui/checkbox";
import { HeaderCell } from "./header";
import type { Position } from "./keyboard";
import { startOf } from "./row";
import type { GridColumn, GridProps } from "./types";

type GridHeadProps<R extends { id: string }> = {
  grid: GridProps<R>;
  visible: VirtualItem[];
  current: Position;
  onFocus: (column: number) => void;
};

/** The row of names above the others; it stays while they scroll. */
export function GridHead<R extends { id: string }>({ grid, visible, current, onFocus }: GridHeadProps<R>) {
  const { columns, frozen, selected } = grid;
  const all = grid.loadedIds();
  const whole = all.length > 0 && all.every((id) => selected.has(id));
  function headerProps(column: GridColumn<R>, index: number) {
    return {
      column,
      index,
      sort: grid.sort,
      focusable: current.row === -1 && current.column === index + 1,
      onFocus: () => onFocus(index + 1),
      onMove: (by: -1 | 1) => grid.onMove?.(column.id, by),
      onSort: () => grid.onSort(column.name),
      onResize: (next: number) => grid.onResize(column.id, Math.max(60, Math.min(900, next))),
    };
  }
  return (
    <div role="rowgroup" className="sticky top-0 z-20">
      <div role="row" aria-rowindex={1} className="relative flex h-9 border-b border-line bg-canvas">
        <div
          role="columnheader"
          aria-colindex={1}
          aria-label="Selection"
          className="sticky start-0 z-10 flex w-[41px] shrink-0 items-center justify-center border-e border-line bg-canvas"
        >
          <Checkbox
            label="Select all loaded"
            checked={whole ? true : selected.size > 0 ? "indeterminate" : false}
            onChange={(on) => grid.onSelect(all, on)}
            tabIndex={current.row === -1 && current.column === 0 ? 0 : -1}
            cell="-1:0"
            onFocus={() => onFocus(0)}
          />
        </div>
        {columns.slice(0, frozen).map((column, index) => (
          <HeaderCell
            key={column.id}
            at={{ stays: true, start: startOf(columns, index) }}
            {...headerProps(column, index)}
          />
        ))}
        {visible.map((item) => {
          const index = frozen + item.index;
          const column = columns[index];
          return (
            column && (
              <HeaderCell key={column.id} at={{ stays: false, start: item.start }} {...headerProps(column, index)} />
            )
          );
        })}
      </div>
    </div>
  );
}
