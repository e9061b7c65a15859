import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sendOne, type Write } from "@/api/batch";
import { toUiError } from "@/api/errors";
import { recordTitle } from "@/api/presentable";
import { settingsQuery } from "@/api/settings";
import type { Collection, RecordRow } from "@/api/types";
import { toast } from "@/components/toasts";
import { emptyValue, FieldInput } from "@/fields/registry";
import { equal } from "@/lib/equal";
import { badTexts } from "@/lib/typed";
import { count } from "@/lib/words";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Modal } from "@/ui/dialog";
import { FieldBox } from "@/ui/field";
import { rowsOf, sendWrites, sizeOf, type Progress, type Scope } from "./bulk";
import { BulkRunner } from "./bulk-runner";
import { formFields, toBody, type FormValues } from "./form-model";

/** Old values are kept for undoing as long as they are few. */
const undoable = 500;

type BulkEditProps = { collection: Collection; scope: Scope; onClose: () => void };

/** Sets the ticked fields of many records to one value; all other fields stay as they are. */
export default function BulkEdit({ collection, scope, onClose }: BulkEditProps) {
  const client = useQueryClient();
  const fields = formFields(collection, false).filter(
    (field) => field.type !== "autodate" && field.type !== "file" && !(field.type === "password" && field.system),
  );
  const [values, setValues] = useState<FormValues>({});
  const [run, setRun] = useState<Record<string, unknown> | null>(null);
  const limit = useQuery(settingsQuery).data?.batch;
  const [before] = useState(() => new Map<string, RecordRow>());
  const total = sizeOf(scope);
  const chosen = Object.keys(values);

  const work = async (progress: Progress, report: () => void, signal: AbortSignal) => {
    for await (const rows of rowsOf(collection.name, scope, {}, signal)) {
      if (signal.aborted) return;
      const writes = rows.map((row): Write => ({ kind: "update", id: row.id, body: run ?? {} }));
      for (const row of rows) if (before.size < undoable) before.set(row.id, row);
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

  async function undo() {
    try {
      for (const [id, row] of before) {
        const body = Object.fromEntries(Object.keys(run ?? {}).map((name) => [name, row[name]]));
        await sendOne(collection.name, { kind: "update", id, body });
      }
      toast("Changes undone");
    } catch (error) {
      toast(`Not everything could be undone. ${toUiError(error).title}`, "danger");
    }
    void client.invalidateQueries({ queryKey: ["records"] });
  }
  if (run) {
    return (
      <BulkRunner
        title={`Set ${chosen.join(", ")}`}
        done="updated"
        total={total}
        work={work}
        onClose={(progress) => {
          void client.invalidateQueries({ queryKey: ["records"] });
          if (progress.done > 0) {
            const all = before.size >= progress.done && total <= undoable;
            toast(
              `${count(progress.done, "record")} updated`,
              "ok",
              all ? { label: "Undo", run: () => void undo() } : undefined,
            );
          }
          onClose();
        }}
      />
    );
  }
  return (
    <Modal
      title={`Edit ${count(total, "record")} of ${collection.name}`}
      description="Ticked fields get the value below in every record."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            blocked={chosen.length === 0 ? "Tick a field first" : (Object.values(badTexts(values))[0] ?? null)}
            onClick={() => setRun(toBody(collection, values))}
          >
            Apply to {count(total, "record")}
          </Button>
        </>
      }
    >
      <ul aria-label="Fields to set" className="space-y-2 pb-3">
        {fields.map((field) => {
          const on = field.name in values;
          return (
            <li key={field.id}>
              <label className="flex min-h-8 items-center gap-2 pointer-coarse:min-h-11">
                <Checkbox
                  label={`Set ${field.name}`}
                  checked={on}
                  onChange={(next) =>
                    setValues(({ [field.name]: _off, ...rest }) =>
                      next ? { ...rest, [field.name]: emptyValue(field) } : rest,
                    )
                  }
                />
                <span aria-hidden className="font-medium">
                  {field.name}
                </span>
              </label>
              {on && (
                <FieldBox label={`New ${field.name}`} className="ps-6">
                  {(control) => (
                    <FieldInput
                      field={field}
                      control={control}
                      record={null}
                      value={values[field.name]}
                      onChange={(value) =>
                        setValues((now) => (equal(now[field.name], value) ? now : { ...now, [field.name]: value }))
                      }
                    />
                  )}
                </FieldBox>
              )}
            </li>
          );
        })}
      </ul>
    </Modal>
  );
}
