import { Copy, Download, Pencil, Trash2, X } from "lucide-react";
import { copyText } from "@/components/copy";
import { count, groupDigits } from "@/lib/words";
import { Button } from "@/ui/button";
import { sizeOf, type Scope } from "./bulk";

type SelectionBarProps = {
  scope: Scope;
  /** All that match, when more match than are ticked. */
  more: number | null;
  readOnly: boolean;
  onAll: () => void;
  onClear: () => void;
  onEdit: () => void;
  onExport: () => void;
  onDelete: () => void;
};

export default function SelectionBar({
  scope,
  more,
  readOnly,
  onAll,
  onClear,
  onEdit,
  onExport,
  onDelete,
}: SelectionBarProps) {
  const fixed = (what: string) => (readOnly ? `Records of a view can't be ${what}` : null);
  return (
    <section
      aria-label="Selection"
      className="enter flex min-h-11 flex-wrap items-center gap-2 border-t border-line bg-selected px-3 py-1.5"
    >
      <span className="tnum font-medium" role="status">
        {groupDigits(sizeOf(scope))} selected
      </span>
      {more !== null && (
        <Button size="sm" tone="ghost" onClick={onAll}>
          Select all {groupDigits(more)} matching
        </Button>
      )}
      <span className="flex-1" />
      <Button size="sm" tone="ghost" onClick={onClear}>
        <X size={14} aria-hidden /> Clear selection
      </Button>
      {scope.kind === "ids" && (
        <Button size="sm" onClick={() => copyText(count(scope.ids.length, "id"), scope.ids.join("\n"))}>
          <Copy size={14} aria-hidden /> Copy ids
        </Button>
      )}
      <Button size="sm" onClick={onExport}>
        <Download size={14} aria-hidden /> Export
      </Button>
      <Button size="sm" blocked={fixed("changed")} onClick={onEdit}>
        <Pencil size={14} aria-hidden /> Edit fields
      </Button>
      <Button size="sm" tone="danger" blocked={fixed("deleted")} onClick={onDelete}>
        <Trash2 size={14} aria-hidden /> Delete
      </Button>
    </section>
  );
}
