import { useState } from "react";
import type { Collection, Field, RecordRow } from "@/api/types";
import { saveFile } from "@/components/save-file";
import { toText } from "@/lib/assert";
import { csvCell, csvLine, csvList } from "@/lib/csv";
import { count } from "@/lib/words";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Segmented } from "@/ui/radio";
import { rowsOf, sizeOf, type Progress, type Scope } from "./bulk";
import { BulkRunner } from "./bulk-runner";
import { listedFields } from "./model";

type ExportDialogProps = {
  collection: Collection;
  visible: Field[];
  selection: Scope | null;
  matching: Scope;
  onClose: () => void;
};

const formats = [
  { value: "csv", label: "CSV" },
  { value: "ndjson", label: "NDJSON" },
  { value: "json", label: "JSON" },
] as const;
type Format = (typeof formats)[number]["value"];

/** Writes records into a file, page by page, so that the size of the table does not matter. */
export default function ExportDialog({ collection, visible, selection, matching, onClose }: ExportDialogProps) {
  const [format, setFormat] = useState<Format>("csv");
  const [columns, setColumns] = useState("visible");
  const [which, setWhich] = useState(selection ? "selection" : "matching");
  const [running, setRunning] = useState(false);
  const scope = which === "selection" && selection ? selection : matching;
  const fields = columns === "visible" ? visible : listedFields(collection);

  const work = async (progress: Progress, report: () => void, signal: AbortSignal) => {
    const parts: string[] = [];
    if (format === "csv") parts.push(csvLine(fields.map((field) => csvCell(field.name))));
    const names = ["id", "collectionId", "collectionName", ...fields.map((field) => field.name)];
    for await (const rows of rowsOf(collection.name, scope, { fields: names.join(",") }, signal)) {
      for (const row of rows) {
        const comma = format === "json" && progress.done > 0 ? ",\n" : "";
        parts.push(comma + lineOf(row, fields, format));
        progress.done += 1;
      }
      report();
    }
    if (signal.aborted) return;
    const type = format === "csv" ? "text/csv" : format === "json" ? "application/json" : "application/x-ndjson";
    saveFile(`${collection.name}.${format}`, type, ...(format === "json" ? ["[\n", ...parts, "\n]\n"] : parts));
  };
  if (running)
    return (
      <BulkRunner
        title={`Export ${collection.name}`}
        done="written"
        total={sizeOf(scope)}
        work={work}
        onClose={onClose}
      />
    );
  return (
    <Modal
      title={`Export ${collection.name}`}
      onClose={onClose}
      width="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" onClick={() => setRunning(true)}>
            Export {count(sizeOf(scope), "record")}
          </Button>
        </>
      }
    >
      <div className="space-y-4 pb-3">
        <Choice
          label="Format"
          value={format}
          options={[...formats]}
          onChange={(next) => setFormat(formats.find((known) => known.value === next)?.value ?? "csv")}
        />
        <Choice
          label="Columns"
          value={columns}
          options={[
            { value: "visible", label: "Visible" },
            { value: "all", label: "All" },
          ]}
          onChange={setColumns}
        />
        {selection && (
          <Choice
            label="Records"
            value={which}
            options={[
              { value: "selection", label: "Selection" },
              {
                value: "matching",
                label: matching.kind === "matching" && matching.filter === "" ? "All" : "All matching",
              },
            ]}
            onChange={setWhich}
          />
        )}
        {format === "csv" && (
          <p className="text-sm text-ink-3">Cells that a spreadsheet would run get a leading apostrophe.</p>
        )}
      </div>
    </Modal>
  );
}

type ChoiceProps = {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
};

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <div>
      <p className="mb-1 font-medium text-ink-2">{label}</p>
      <Segmented label={label} value={value} options={options} onChange={onChange} />
    </div>
  );
}

function lineOf(row: RecordRow, fields: Field[], format: Format): string {
  if (format === "csv") {
    return csvLine(
      fields.map((field) => {
        const value = row[field.name];
        const text =
          field.type === "json" ? jsonText(value) : Array.isArray(value) ? csvList(value.map(toText)) : toText(value);
        return csvCell(text, typeof value === "number");
      }),
    );
  }
  const object = JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, row[field.name]])));
  return format === "ndjson" ? `${object}\n` : object;
}

/** As JSON, so that a text in it is told from a number; nothing for nothing. */
function jsonText(value: unknown): string {
  return value === null || value === undefined ? "" : JSON.stringify(value);
}
