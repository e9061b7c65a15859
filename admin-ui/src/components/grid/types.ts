import type { ReactNode } from "react";

export type GridColumn<R> = {
  id: string;
  name: string;
  icon: ReactNode;
  width: number;
  alignEnd: boolean;
  sortable: boolean;
  cell: (row: R) => ReactNode;
};

export type GridSort = { field: string; desc: boolean } | null;
