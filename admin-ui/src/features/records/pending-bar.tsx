import { Redo2, Undo2 } from "lucide-react";
import { useState } from "react";
import { recordTitle } from "@/api/presentable";
import type { Collection } from "@/api/types";
import { MergeDialog } from "@/components/merge-dialog";
import { decided } from "@/lib/merge3";
import { showValue } from "@/lib/shown";
import { count } from "@/lib/words";
import { Button, IconButton } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Modal } from "@/ui/dialog";
import { Kbd } from "@/ui/kbd";
import { changeKey } from "./staged";
import type { Staged } from "./use-staged";

type PendingChangesProps = {
  collection: Collection;
  staged: Staged;
  reviewing: boolean;
  onReview: (open: boolean) => void;
};

/** In sight as long as the table has edits that have not been sent. */
export function PendingChanges({ collection, staged, reviewing, onReview }: PendingChangesProps) {
  const { changes } = staged;
  const rows = new Set(changes.map((change) => change.id)).size;
  const mac = /mac/i.test(navigator.userAgent);
  return (
    <>
      <section
        aria-label="Pending changes"
        className="enter flex min-h-11 shrink-0 flex-wrap items-center gap-2 border-t border-line bg-warn-soft px-3 py-1.5 shadow-[inset_3px_0_0_var(--warn)]"
      >
        <span className="min-w-0 flex-1">
          <span className="tnum font-medium text-warn" role="status">
            {count(changes.length, "change")} in {count(rows, "row")}
          </span>
          {staged.message && (
            <span role="alert" className="ms-3 text-danger-text">
              {staged.message}
            </span>
          )}
        </span>
        <IconButton label="Undo" small blocked={staged.canUndo ? null : "Nothing to undo"} onClick={staged.undo}>
          <Undo2 size={14} />
        </IconButton>
        <IconButton label="Redo" small blocked={staged.canRedo ? null : "Nothing to redo"} onClick={staged.redo}>
          <Redo2 size={14} />
        </IconButton>
        <Button size="sm" tone="ghost" onClick={staged.discard}>
          Discard
        </Button>
        <Button size="sm" onClick={() => onReview(true)}>
          Review
        </Button>
        <Button size="sm" tone="primary" busy={staged.busy} onClick={() => void staged.save()}>
          Save {count(changes.length, "change")} <Kbd>{mac ? "⌘S" : "Ctrl S"}</Kbd>
        </Button>
      </section>
      {reviewing && <Review collection={collection} staged={staged} onClose={() => onReview(false)} />}
      {staged.conflicts.length > 0 && (
        <MergeDialog
          conflicts={staged.conflicts}
          nameOf={(key) => nameOf(collection, staged, key)}
          onCancel={staged.dismissConflicts}
          onMerge={(sides) => void staged.save(new Set(), decided(staged.conflicts, sides))}
        />
      )}
    </>
  );
}

function titleOf(collection: Collection, staged: Staged, id: string): string {
  const row = staged.bases.get(id);
  return row ? recordTitle(collection, row) : id;
}

function nameOf(collection: Collection, staged: Staged, key: string): string {
  const [id = "", field = ""] = key.split(" ");
  return `${field} of ${titleOf(collection, staged, id)}`;
}

type ReviewProps = { collection: Collection; staged: Staged; onClose: () => void };

/** Every edit with what it replaces; what is not ticked stays for later. */
function Review({ collection, staged, onClose }: ReviewProps) {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const n = staged.changes.filter((change) => !left.has(changeKey(change.id, change.field))).length;
  return (
    <Modal
      title="Review changes"
      width="lg"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button
            tone="primary"
            blocked={n === 0 ? "Tick at least one change" : null}
            onClick={() => {
              onClose();
              void staged.save(left);
            }}
          >
            Save {count(n, "change")}
          </Button>
        </>
      }
    >
      <table className="mb-3 w-full">
        <thead>
          <tr className="text-ink-3">
            {["Save", "Record", "Field", "Old", "New"].map((title) => (
              <th key={title} scope="col" className="h-8 pe-3 text-start font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {staged.changes.map((change) => {
            const key = changeKey(change.id, change.field);
            const title = titleOf(collection, staged, change.id);
            return (
              <tr key={key} className="border-t border-line align-top">
                <td className="py-1.5 pe-3">
                  <Checkbox
                    label={`Save ${change.field} of ${title}`}
                    checked={!left.has(key)}
                    onChange={(on) =>
                      setLeft((now) => new Set(on ? [...now].filter((other) => other !== key) : [...now, key]))
                    }
                  />
                </td>
                <td className="py-1.5 pe-3 break-words">{title}</td>
                <td className="py-1.5 pe-3 font-mono text-code">{change.field}</td>
                <td className="py-1.5 pe-3 break-words text-ink-2">{showValue(change.before)}</td>
                <td className="py-1.5 break-words">{showValue(change.after)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Modal>
  );
}
