import { Float } from "@/ui/popover";
import { ColumnsList } from "./columns-list";
import { ColumnsButton, type ColumnsMenuProps } from "./columns-menu";

export default function ColumnsFloat(props: ColumnsMenuProps) {
  return (
    <Float label="Columns" className="w-80 p-2" trigger={<ColumnsButton />} startOpen>
      <ColumnsList {...props} />
    </Float>
  );
}
