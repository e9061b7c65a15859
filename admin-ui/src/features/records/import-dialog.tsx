import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { Write } from "@/api/batch";
import { collectionsQuery } from "@/api/collections";
import { settingsQuery } from "@/api/settings";
import type { Collection } from "@/api/types";
import { prefs, setZone } from "@/components/prefs";
import { toast } from "@/components/toasts";
import { toText } from "@/lib/assert";
import { decodeText } from "@/lib/csv";
import { localIsUtc, localZone } from "@/lib/dates";
import { count, groupDigits } from "@/lib/words";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { sendWrites, type Progress } from "./bulk";
import { BulkRunner } from "./bulk-runner";
import { useStore } from "@/ui/use-store";
import {
  chooseColumn,
  guessMapping,
  importableFields,
  prepare,
  readTable,
  wantedRecords,
  type ReadTable,
} from "./import-model";
import { namedQuery } from "./import-relations";

type ImportDialogProps = { collection: Collection; onClose: () => void };

/** A file, which column goes where, what would be refused, then the records. */
export default function ImportDialog({ collection, onClose }: ImportDialogProps) {
  const client = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const [western, setWestern] = useState(false);
  const [read, setRead] = useState<ReadTable | null>(null);
  const [mapping, setMapping] = useState<Record<string, string>>({});
  const [running, setRunning] = useState(false);
  const limit = useQuery(settingsQuery).data?.batch;
  const fields = importableFields(collection);
  const table = read?.ok ? read.table : null;
  const { zone } = useStore(prefs);
  const wanted = useMemo(() => (table ? wantedRecords(table, mapping, collection) : {}), [table, mapping, collection]);
  const collections = useQuery(collectionsQuery).data;
  const refers = Object.keys(wanted).length > 0;
  const named = useQuery({ ...namedQuery(collections ?? [], wanted), enabled: refers && collections !== undefined });
  const looking = refers && named.data === undefined;
  const prepared = useMemo(
    () => (table ? prepare(table, mapping, collection, { zone, named: named.data }) : null),
    [table, mapping, collection, zone, named.data],
  );
  const used = Object.values(mapping).filter((field) => field !== "");

  async function take(file: File | undefined) {
    if (!file) return;
    const decoded = decodeText(new Uint8Array(await file.arrayBuffer()));
    const next = readTable(decoded.text);
    setName(file.name);
    setWestern(decoded.western);
    setRead(next);
    if (next.ok) setMapping(guessMapping(next.table.columns, fields));
  }
  const work = async (progress: Progress, report: () => void, signal: AbortSignal) => {
    const bodies = prepared?.bodies ?? [];
    for (let at = 0; at < bodies.length && !signal.aborted; at += 50) {
      const part = bodies.slice(at, at + 50);
      const writes = part.map(({ body }): Write => ({ kind: "create", body }));
      await sendWrites(
        collection.name,
        writes,
        (index) => `${table?.unit ?? "Line"} ${part[index]?.line ?? "?"}`,
        limit,
        progress,
        signal,
      );
      report();
    }
  };
  if (running && prepared) {
    return (
      <BulkRunner
        title={`Import into ${collection.name}`}
        done="created"
        total={prepared.bodies.length}
        work={work}
        onClose={(progress) => {
          void client.invalidateQueries({ queryKey: ["records"] });
          if (progress.done > 0) toast(`${count(progress.done, "record")} imported`);
          onClose();
        }}
      />
    );
  }
  return (
    <Modal
      title={`Import into ${collection.name}`}
      description="CSV with names in the first line, NDJSON, or a JSON list."
      width="lg"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            blocked={
              !prepared
                ? "Choose a file first"
                : used.length === 0
                  ? "Choose where a column goes"
                  : looking
                    ? "The records that are referred to are not known yet"
                    : prepared.bodies.length === 0
                      ? "No line can be imported"
                      : null
            }
            onClick={() => setRunning(true)}
          >
            Import {prepared ? count(prepared.bodies.length, "record") : ""}
          </Button>
        </>
      }
    >
      <div className="space-y-4 pb-3">
        <input
          ref={picker}
          type="file"
          accept=".csv,.tsv,.json,.ndjson,.jsonl,text/csv,application/json"
          aria-label="File to import"
          className="hidden"
          tabIndex={-1}
          onChange={(event) => {
            void take(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
        <div
          className="flex flex-wrap items-center gap-3 rounded-md border border-dashed border-line-strong p-4"
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault();
            void take(event.dataTransfer.files[0]);
          }}
        >
          <Button onClick={() => picker.current?.click()}>
            <FileUp size={14} aria-hidden /> Choose a file
          </Button>
          <span className="text-ink-2">{name === "" ? "or drop one here" : name}</span>
        </div>
        {read && !read.ok && (
          <Notice tone="danger" role="alert">
            {read.message}
          </Notice>
        )}
        {table && prepared && (
          <>
            {western && (
              <Notice tone="warn">
                The file is not in UTF-8. Its letters were read as those of western Europe (Windows-1252); see below
                whether they are right.
              </Notice>
            )}
            <ul aria-label="Columns" className="divide-y divide-line rounded-md border border-line">
              {table.columns.map((column) => (
                <li key={column} className="grid grid-cols-[1fr_1fr] items-center gap-3 px-3 py-1.5">
                  <span className="min-w-0">
                    <span className="block truncate font-medium">{column}</span>
                    <span className="block truncate text-sm text-ink-3">
                      {toText(table.rows[0]?.[column]).slice(0, 200)}
                    </span>
                  </span>
                  <select
                    aria-label={`${column} goes to`}
                    className="control"
                    value={mapping[column] ?? ""}
                    onChange={(event) => setMapping(chooseColumn(mapping, column, event.target.value))}
                  >
                    <option value="">Nowhere</option>
                    {fields.map((field) => (
                      <option key={field.id} value={field.name}>
                        {field.name} ({field.type})
                      </option>
                    ))}
                  </select>
                </li>
              ))}
            </ul>
            {fields.some((field) => field.type === "date" && used.includes(field.name)) && (
              <p className="flex flex-wrap items-center gap-2 text-ink-2">
                Dates that name no zone are in {zone === "utc" ? "UTC" : localZone()}, as the table shows them.
                {!localIsUtc() && (
                  <Button size="sm" onClick={() => setZone(zone === "utc" ? "local" : "utc")}>
                    Use {zone === "utc" ? "local time" : "UTC"}
                  </Button>
                )}
              </p>
            )}
            {named.isError && (
              <Notice tone="danger" role="alert">
                The records that are referred to could not be looked up.{" "}
                <Button size="sm" onClick={() => void named.refetch()}>
                  Try again
                </Button>
              </Notice>
            )}
            <p role="status" className="tnum">
              {looking
                ? !named.isError && "Looking up the records that are referred to…"
                : `${count(prepared.bodies.length, table.unit.toLowerCase())} can be imported${
                    prepared.problems.length > 0 ? `, ${prepared.problems.length} can't` : ""
                  }.`}
            </p>
            {prepared.respelt.length > 0 && (
              <Notice tone="info">
                Taken for choices that are written a little otherwise:
                <ul aria-label="Respelt choices" className="max-h-40 list-disc overflow-y-auto ps-5">
                  {prepared.respelt.slice(0, 100).map(({ field, from, to }) => (
                    <li key={`${field} ${from}`}>
                      {field}: “{from}” as “{to}”
                    </li>
                  ))}
                </ul>
              </Notice>
            )}
            {prepared.problems.length > 0 && (
              <Notice tone="warn">
                <ul className="max-h-40 list-disc overflow-y-auto ps-5">
                  {prepared.problems.slice(0, 100).map((problem) => (
                    <li key={problem.line}>
                      {table.unit} {problem.line}: {problem.message}
                    </li>
                  ))}
                  {prepared.problems.length > 100 && <li>and {groupDigits(prepared.problems.length - 100)} more</li>}
                </ul>
              </Notice>
            )}
          </>
        )}
      </div>
    </Modal>
  );
}
