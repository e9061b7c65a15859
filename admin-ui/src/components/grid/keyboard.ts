export type Position = { row: number; column: number };

/** Where the active cell goes for a key; `null` when the key means something else. Row −1 is the header. */
export function nextPosition(
  key: string,
  mod: boolean,
  at: Position,
  rows: number,
  columns: number,
  page: number,
): Position | null {
  const lastRow = rows - 1;
  const lastColumn = columns - 1;
  const clampRow = (row: number) => Math.max(-1, Math.min(lastRow, row));
  switch (key) {
    case "ArrowDown":
      return { ...at, row: clampRow(at.row + 1) };
    case "ArrowUp":
      return { ...at, row: clampRow(at.row - 1) };
    case "ArrowLeft":
      return { ...at, column: Math.max(0, at.column - 1) };
    case "ArrowRight":
      return { ...at, column: Math.min(lastColumn, at.column + 1) };
    case "PageDown":
      return { ...at, row: clampRow(Math.max(0, at.row) + page) };
    case "PageUp":
      return { ...at, row: Math.max(0, at.row - page) };
    case "Home":
      return mod ? { row: 0, column: 0 } : { ...at, column: 0 };
    case "End":
      return mod ? { row: lastRow, column: lastColumn } : { ...at, column: lastColumn };
    default:
      return null;
  }
}

/** Left is the end of a page that is read from the right. */
export function mirrored(key: string): string {
  return { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" }[key] ?? key;
}
