import { Trash2, X } from "lucide-react";
import { count, groupDigits } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";

type SelectionBarProps = { count: number; onClear: () => void; onDelete: (() => void) | null };

export function SelectionBar({ count: selected, onClear, onDelete }: SelectionBarProps) {
  return (
    <section
      aria-label="Selection"
      className="enter flex min-h-11 items-center gap-2 border-t border-line bg-selected px-3 py-1.5"
    >
      <span className="tnum font-medium">{groupDigits(selected)} selected</span>
      <span className="flex-1" />
      <Button size="sm" tone="ghost" onClick={onClear}>
        <X size={14} aria-hidden /> Clear selection
      </Button>
      <Button
        size="sm"
        tone="danger"
        blocked={onDelete ? null : "Records of a view can't be deleted"}
        onClick={() => onDelete?.()}
      >
        <Trash2 size={14} aria-hidden /> Delete
      </Button>
    </section>
  );
}

type RecordsFooterProps = {
  total: number;
  counting: boolean;
  all: number | null;
  selected: number;
  failed: boolean;
  readOnly: boolean;
};

export function RecordsFooter({ total, counting, all, selected, failed, readOnly }: RecordsFooterProps) {
  const words =
    total < 0
      ? counting
        ? "Counting…"
        : ""
      : all === null
        ? count(total, "record")
        : `${groupDigits(total)} of ${count(all, "record")}`;
  return (
    <footer
      aria-label="Table status"
      role="contentinfo"
      className="tnum flex h-8 shrink-0 items-center gap-2 border-t border-line bg-canvas px-3 text-sm text-ink-2"
    >
      <span role="status">{words}</span>
      {selected > 0 && <span>· {groupDigits(selected)} selected</span>}
      {failed && <span className="text-danger-text">· showing the last rows that worked</span>}
      {readOnly && (
        <span className="ms-auto">
          <Badge>View collection: read-only</Badge>
        </span>
      )}
    </footer>
  );
}
