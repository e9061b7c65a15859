import type { ReactNode } from "react";

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
};

export type GridSort = { field: string; desc: boolean } | null;

/** What is special about a cell: an edit that has not been sent, one that was refused, one that others changed too. */
export type CellMark = { tone: "staged" | "invalid"; note: string };

export type Move = "stay" | "down" | "next" | "previous";
