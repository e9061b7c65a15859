import type { Position } from "./keyboard";

/** A block of cells between two corners, in any direction. */
export type CellRange = { from: Position; to: Position };

export function cellsOf({ from, to }: CellRange) {
  return {
    top: Math.min(from.row, to.row),
    bottom: Math.max(from.row, to.row),
    start: Math.max(1, Math.min(from.column, to.column)),
    end: Math.max(from.column, to.column),
  };
}

export function inRange(range: CellRange | null, row: number, column: number): boolean {
  if (!range) return false;
  const { top, bottom, start, end } = cellsOf(range);
  return row >= top && row <= bottom && column >= start && column <= end;
}
