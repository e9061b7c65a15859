import type { KeyboardEvent, ReactNode } from "react";

export type GridColumn<R> = {
  id: string;
  name: string;
  icon: ReactNode;
  width: number;
  alignEnd: boolean;
  sortable: boolean;
  /** Its cells can be edited where they stand. */
  editable: boolean;
  cell: (row: R) => ReactNode;
  /** What its cells show if that is nothing but text, and in which classes. Empty text is an empty cell. */
  written?: { text: (row: R) => string; look: string } | undefined;
};

export type GridSort = { field: string; desc: boolean } | null;

/** What is special about a cell: an edit that has not been sent, one that was refused, one that others changed too. */
export type CellMark = { tone: "staged" | "invalid"; note: string };

export type Move = "stay" | "down" | "next" | "previous";

export type GridProps<R extends { id: string }> = {
  label: string;
  columns: GridColumn<R>[];
  /** How many columns stay in sight at the start; the first one links to the record. */
  frozen: number;
  /** Rows that can be scrolled to; `rowAt` answers undefined while one is being loaded. */
  rowCount: number;
  rowAt: (index: number) => R | undefined;
  /** All rows of the list when known, else −1. */
  total: number;
  titleOf: (row: R) => string;
  hrefOf: (row: R) => string;
  rowActions: (row: R) => ReactNode;
  sort: GridSort;
  onSort: (field: string) => void;
  onResize: (id: string, width: number) => void;
  onMove?: (id: string, by: -1 | 1) => void;
  selected: ReadonlySet<string>;
  onSelect: (ids: string[], on: boolean) => void;
  loadedIds: () => string[];
  activeId: string | null;
  onOpen: (row: R) => void;
  onRange: (from: number, to: number) => void;
  rowHeight: number;
  dimmed: boolean;
  empty?: ReactNode;
  /** Keys on a cell that mean something else than moving. `true` when it was one. */
  onCellKey?: (event: KeyboardEvent, row: R, column: GridColumn<R>) => boolean;
  onCellDouble?: (row: R, column: GridColumn<R>) => void;
  markOf?: (row: R, column: GridColumn<R>) => CellMark | null;
  /** The editor of the cell that is being edited; `null` for all others. */
  editorOf?: (row: R, column: GridColumn<R>, done: (move: Move) => void) => ReactNode;
  toneOf?: (row: R) => string;
  /** The cells of a block as text, for the clipboard. `cut` also empties them. */
  onCopy?: (rows: R[], columns: GridColumn<R>[], cut: boolean) => string;
  /** Text from the clipboard; the block starts at the first row and column given. */
  onPaste?: (text: string, rows: R[], columns: GridColumn<R>[], block: { rows: number; columns: number }) => void;
  /** Changes with the list that is shown. */
  listKey?: string;
  /** Takes the focus to one end of the list, once for each `at`. */
  focus?: { at: number; row: "first" | "last" } | null;
  /** Beyond the last row that is loaded. */
  onEnd?: () => void;
};
