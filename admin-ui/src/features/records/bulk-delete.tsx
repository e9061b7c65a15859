import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Write } from "@/api/batch";
import { collectionsQuery } from "@/api/collections";
import { recordTitle } from "@/api/presentable";
import { countQuery, recordsByIdQuery } from "@/api/records";
import { settingsQuery } from "@/api/settings";
import type { Collection } from "@/api/types";
import { TextRow } from "@/components/form-parts";
import { toast } from "@/components/toasts";
import { anyOf, literal } from "@/lib/keyset";
import { count } from "@/lib/words";
import { Button } from "@/ui/button";
import { Alert, AlertCancel } from "@/ui/dialog";
import { rowsOf, sendWrites, sizeOf, type Progress, type Scope } from "./bulk";
import { BulkRunner } from "./bulk-runner";

type BulkDeleteProps = { collection: Collection; scope: Scope; onClose: (deleted: boolean) => void };

const namesShown = 5;
/** More than that are not looked up one by one. */
const analysed = 60;
const typedFrom = 100;

/** Names what goes, and what goes with it. */
export default function BulkDelete({ collection, scope, onClose }: BulkDeleteProps) {
  const client = useQueryClient();
  const [running, setRunning] = useState(false);
  const [typed, setTyped] = useState("");
  const limit = useQuery(settingsQuery).data?.batch;
  const total = sizeOf(scope);
  const ids = scope.kind === "ids" ? scope.ids : [];
  const names =
    useQuery({ ...recordsByIdQuery(collection.name, ids.slice(0, namesShown)), enabled: ids.length > 0 }).data ?? [];
  const verb = total === 1 ? "Delete record" : `Delete ${count(total, "record")}`;
  const work = async (progress: Progress, report: () => void, signal: AbortSignal) => {
    for await (const rows of rowsOf(collection.name, scope, {}, signal)) {
      const writes = rows.map((row): Write => ({ kind: "delete", id: row.id }));
      const name = (index: number) => (rows[index] ? recordTitle(collection, rows[index]) : "");
      for (let at = 0; at < writes.length && !signal.aborted; at += 50) {
        await sendWrites(
          collection.name,
          writes.slice(at, at + 50),
          (index) => name(at + index),
          limit,
          progress,
          signal,
        );
        report();
      }
    }
  };
  if (running) {
    return (
      <BulkRunner
        title={verb}
        done="deleted"
        total={total}
        work={work}
        onClose={(progress) => {
          void client.invalidateQueries({ queryKey: ["records"] });
          if (progress.failed.length === 0)
            toast(total === 1 ? "Record deleted" : `${count(progress.done, "record")} deleted`);
          onClose(progress.done > 0);
        }}
      />
    );
  }
  const needsWord = total > typedFrom;
  return (
    <Alert
      title={`${verb} from ${collection.name}?`}
      onCancel={() => onClose(false)}
      footer={
        <>
          <AlertCancel asChild>
            <Button>Cancel</Button>
          </AlertCancel>
          <Button
            tone="danger"
            blocked={needsWord && typed !== collection.name ? `Type ${collection.name} first` : null}
            onClick={() => setRunning(true)}
          >
            {verb}
          </Button>
        </>
      }
    >
      {names.length > 0 && (
        <ul className="list-disc ps-5 text-ink">
          {names.map((row) => (
            <li key={row.id} className="break-words">
              {recordTitle(collection, row)}
            </li>
          ))}
          {total > names.length && <li>and {total - names.length} more</li>}
        </ul>
      )}
      <Consequences collection={collection} ids={ids.length <= analysed ? ids : []} />
      <p>Their files go with them.</p>
      {needsWord && <TextRow label={`Type ${collection.name} to go on`} value={typed} onChange={setTyped} />}
    </Alert>
  );
}

/** Records elsewhere that point at these, by what their relation says. */
function Consequences({ collection, ids }: { collection: Collection; ids: string[] }) {
  const all = useQuery(collectionsQuery).data ?? [];
  const relations = all
    .filter((other) => other.type !== "view" && !other.system)
    .flatMap((other) =>
      other.fields.flatMap((field) =>
        field.type === "relation" && field.collectionId === collection.id ? [{ other, field }] : [],
      ),
    );
  const counts = useQueries({
    queries: relations.map(({ other, field }) => ({
      ...countQuery(other.name, anyOf(ids.map((id) => `${field.name} ?= ${literal(id)}`))),
      enabled: ids.length > 0,
    })),
  });
  if (relations.length === 0) return null;
  const lines = relations.flatMap(({ other, field }, index) => {
    const n = ids.length > 0 ? counts[index]?.data : undefined;
    if (n === 0) return [];
    const what = n === undefined ? `Records of ${other.name}` : count(n, other.name.replace(/s$/, ""), other.name);
    const fate = field.cascadeDelete
      ? "will be deleted too"
      : field.required
        ? "need it, so the deletion is refused"
        : "lose the reference";
    return [`${what} ${fate} (${field.name}${field.cascadeDelete ? ", cascade" : ""})`];
  });
  if (lines.length === 0) return null;
  return (
    <ul aria-label="Consequences" className="list-disc ps-5 text-danger-text">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
