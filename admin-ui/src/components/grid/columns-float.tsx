import type { ReactElement } from "react";
import { Float } from "@/ui/popover";
import { ColumnsList, type ColumnsListProps } from "./columns-list";

export default function ColumnsFloat({ trigger, ...list }: ColumnsListProps & { trigger: ReactElement }) {
  return (
    <Float label="Columns" className="w-80 p-2" trigger={trigger} startOpen>
      <ColumnsList {...list} />
    </Float>
  );
}
