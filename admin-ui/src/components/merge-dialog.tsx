import { useState } from "react";
import type { Conflict } from "@/lib/merge3";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Segmented } from "@/ui/radio";
import { showValue } from "./form-model";

type MergeDialogProps = {
  conflicts: Conflict[];
  /** What a conflict is about, where its key alone does not say it. */
  nameOf?: (key: string) => string;
  onCancel: () => void;
  /** Values for the fields both sides changed. */
  onMerge: (choice: Record<string, unknown>) => void;
};

/** Someone else changed the same fields. Nothing is sent until every one of them has been decided. */
export function MergeDialog({ conflicts, nameOf = plain, onCancel, onMerge }: MergeDialogProps) {
  const [sides, setSides] = useState<Record<string, string>>({});
  const open = conflicts.filter((conflict) => sides[conflict.key] === undefined);
  return (
    <Modal
      title="Resolve conflict"
      description="This record changed while you were editing it. Choose what to keep; changes to other fields are merged."
      width="lg"
      onClose={onCancel}
      footer={
        <>
          <Button onClick={onCancel}>Cancel</Button>
          <Button
            tone="primary"
            blocked={
              open.length > 0 ? `Still to choose: ${open.map((conflict) => nameOf(conflict.key)).join(", ")}` : null
            }
            onClick={() =>
              onMerge(Object.fromEntries(conflicts.map((c) => [c.key, sides[c.key] === "mine" ? c.mine : c.theirs])))
            }
          >
            Save merged
          </Button>
        </>
      }
    >
      <ul className="divide-y divide-line">
        {conflicts.map((conflict) => (
          <li key={conflict.key} className="py-3">
            <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
              <h3 className="font-semibold">{nameOf(conflict.key)}</h3>
              <Segmented
                label={nameOf(conflict.key)}
                value={sides[conflict.key] ?? ""}
                options={[
                  { value: "theirs", label: "Theirs" },
                  { value: "mine", label: "Yours" },
                ]}
                onChange={(side) => setSides((now) => ({ ...now, [conflict.key]: side }))}
              />
            </div>
            <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1">
              <dt className="text-ink-3">When opened</dt>
              <dd className="min-w-0 break-words">{showValue(conflict.base)}</dd>
              <dt className="text-ink-3">Theirs</dt>
              <dd className="min-w-0 break-words">{showValue(conflict.theirs)}</dd>
              <dt className="text-ink-3">Yours</dt>
              <dd className="min-w-0 break-words">{showValue(conflict.mine)}</dd>
            </dl>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

function plain(key: string): string {
  return key;
}
