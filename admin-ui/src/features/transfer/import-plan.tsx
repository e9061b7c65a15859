import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { inFull } from "@/api/errors";
import { countQuery } from "@/api/records";
import { TextRow } from "@/components/form-parts";
import { count, groupDigits, listWords } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { SwitchRow } from "@/ui/switch";
import type { ImportPlan, PlanItem } from "./model";

type ImportPlanDialogProps = {
  plan: ImportPlan;
  busy: boolean;
  error: unknown;
  onApply: (deleteMissing: boolean) => void;
  onClose: () => void;
};

const word = "delete";

/** Merging is what an import does; deleting what the file does not have is a separate decision. */
export function ImportPlanDialog({ plan, busy, error, onApply, onClose }: ImportPlanDialogProps) {
  const [deleteMissing, setDeleteMissing] = useState(false);
  const [typed, setTyped] = useState("");
  const tables = plan.missing.filter((collection) => collection.type !== "view");
  const counts = useQueries({
    queries: tables.map((collection) => ({ ...countQuery(collection.name, ""), enabled: deleteMissing })),
  });
  const records = counts.reduce((sum, result) => sum + (result.data ?? 0), 0);
  const destructive = deleteMissing && (plan.missing.length > 0 || plan.missingFields.length > 0);
  const nothing = plan.added.length + plan.changed.length === 0 && !destructive;
  return (
    <Modal
      title="Review import"
      description={`${count(plan.added.length, "new collection")}, ${plan.changed.length} changed, ${plan.same.length} the same`}
      width="lg"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button
            tone={destructive ? "danger" : "primary"}
            busy={busy}
            blocked={
              nothing ? "There is nothing to import" : destructive && typed !== word ? `Type ${word} first` : null
            }
            onClick={() => onApply(deleteMissing)}
          >
            Apply changes
          </Button>
        </>
      }
    >
      <div className="space-y-4 pb-2">
        {error !== null && (
          <Notice tone="danger" role="alert">
            <span className="whitespace-pre-wrap">{inFull(error)}</span>
          </Notice>
        )}
        <Items title="New" tone="ok" items={plan.added} />
        <Items title="Changed" tone="warn" items={plan.changed} />
        {plan.same.length > 0 && <p className="text-ink-3">The same already: {listWords(plan.same)}.</p>}
        {!deleteMissing && plan.missing.length > 0 && (
          <p className="text-ink-2">
            {plan.missing.length === 1 ? "The other collection is" : `The other ${plan.missing.length} collections are`}{" "}
            left alone.
          </p>
        )}
        <SwitchRow
          label="Also delete what is missing"
          help="Collections and fields that are not in the file are deleted with their data."
          checked={deleteMissing}
          onChange={setDeleteMissing}
        />
        {destructive && (
          <Notice tone="danger" role="alert">
            <p className="font-medium">
              {counts.some((result) => result.isPending)
                ? "Counting what would be lost…"
                : `Loses ${groupDigits(records)} records`}
            </p>
            <ul className="list-disc ps-5">
              {plan.missing.map((collection) => (
                <li key={collection.id}>Collection {collection.name}</li>
              ))}
              {plan.missingFields.map(({ collection, fields }) => (
                <li key={collection.id}>
                  {count(fields.length, "field")} of {collection.name}: {fields.join(", ")}
                </li>
              ))}
            </ul>
          </Notice>
        )}
        {destructive && <TextRow label={`Type ${word} to go on`} value={typed} onChange={setTyped} />}
      </div>
    </Modal>
  );
}

function Items({ title, tone, items }: { title: string; tone: "ok" | "warn"; items: PlanItem[] }) {
  if (items.length === 0) return null;
  return (
    <section aria-label={title}>
      <ul className="divide-y divide-line rounded-md border border-line">
        {items.map((item) => (
          <li key={item.name} className="px-3 py-2">
            <p className="flex items-center gap-2 font-medium">
              {item.name} <Badge tone={tone}>{title}</Badge>
            </p>
            <p className="text-sm break-words text-ink-2">{item.lines.join(" · ")}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
