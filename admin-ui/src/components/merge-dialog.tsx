import { useState } from "react";
import type { Conflict, Sides } from "@/lib/merge3";
import { showValue } from "@/lib/shown";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Segmented } from "@/ui/radio";

type MergeDialogProps = {
  conflicts: Conflict[];
  /** What is edited, and what is done once everything has been decided. */
  what?: string;
  verb?: string;
  /** What a conflict is about, where its key alone does not say it. */
  nameOf?: (key: string) => string;
  show?: (value: unknown) => string;
  onCancel: () => void;
  /** Whose value each place has that both sides changed. */
  onMerge: (sides: Sides) => void;
};

/** Someone else changed the same places. Nothing is sent until every one of them has been decided. */
export function MergeDialog(props: MergeDialogProps) {
  const {
    conflicts,
    what = "This record",
    verb = "Save merged",
    nameOf = plain,
    show = showValue,
    onCancel,
    onMerge,
  } = props;
  const [sides, setSides] = useState<Sides>({});
  const open = conflicts.filter((conflict) => sides[conflict.key] === undefined);
  return (
    <Modal
      title="Resolve conflict"
      description={`${what} changed while you were editing it. Choose what to keep; other changes are merged.`}
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
            onClick={() => onMerge(sides)}
          >
            {verb}
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
                onChange={(side) =>
                  setSides((now) => ({ ...now, [conflict.key]: side === "mine" ? "mine" : "theirs" }))
                }
              />
            </div>
            <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1">
              <dt className="text-ink-3">When opened</dt>
              <dd className="min-w-0 break-words">{show(conflict.base)}</dd>
              <dt className="text-ink-3">Theirs</dt>
              <dd className="min-w-0 break-words">{show(conflict.theirs)}</dd>
              <dt className="text-ink-3">Yours</dt>
              <dd className="min-w-0 break-words">{show(conflict.mine)}</dd>
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
