import { RotateCcw } from "lucide-react";
import type { Collection, Field, RecordRow } from "@/api/types";
import { FieldInput, kinds } from "@/fields/registry";
import { cx } from "@/lib/cx";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { count } from "@/lib/words";
import type { FormValues } from "./form-model";

type RecordFormProps = {
  collection: Collection;
  fields: Field[];
  record: RecordRow | null;
  values: FormValues;
  dirty: string[];
  errors: Record<string, string>;
  onChange: (name: string, value: unknown) => void;
  onRevert: (name: string) => void;
};

/** Types that need little width: two of them share a row where there is room. */
const narrow = new Set(["number", "bool", "autodate"]);

export function RecordForm({ collection, fields, record, values, dirty, errors, onChange, onRevert }: RecordFormProps) {
  const wrong = fields.filter((field) => errors[field.name] !== undefined);
  return (
    <div>
      {wrong.length > 0 && (
        <div className="mb-4 rounded-md bg-danger-soft px-3 py-2 text-danger-text" role="alert">
          {count(wrong.length, "field needs", "fields need")} attention: {wrong.map((field) => field.name).join(", ")}
        </div>
      )}
      {/* One column or two by the room there is. Not by a container query: Chromium at times leaves out what is in one. */}
      <div className="grid grid-cols-[repeat(auto-fit,minmax(min(100%,max(12.375rem,50%-0.625rem)),1fr))] gap-x-5 gap-y-4">
        {fields.map((field) => (
          <div key={field.id} data-field={field.name} className={cx(!narrow.has(field.type) && "col-span-full")}>
            <FieldBox
              label={<FieldLabel field={field} />}
              note={<FieldNote field={field} isNew={record === null} />}
              help={field.help || undefined}
              error={errors[field.name]}
              required={
                field.type !== "autodate" &&
                field.required &&
                field.name !== "id" &&
                !(field.type === "password" && record !== null)
              }
              aside={
                dirty.includes(field.name) && record !== null ? (
                  <span className="flex items-center gap-1">
                    <span className="text-xs text-warn">Changed</span>
                    <IconButton label={`Revert ${field.name}`} small onClick={() => onRevert(field.name)}>
                      <RotateCcw size={12} />
                    </IconButton>
                  </span>
                ) : undefined
              }
            >
              {(control) => (
                <FieldInput
                  field={field}
                  value={values[field.name]}
                  onChange={(value) => onChange(field.name, value)}
                  control={control}
                  record={record}
                />
              )}
            </FieldBox>
          </div>
        ))}
      </div>
      {collection.type === "view" && <p className="mt-4 text-sm text-ink-3">Records of a view are read-only.</p>}
    </div>
  );
}

function FieldLabel({ field }: { field: Field }) {
  const Icon = kinds[field.type].icon;
  return (
    <>
      <Icon size={14} strokeWidth={1.75} aria-hidden className="shrink-0 text-ink-3" />
      <span className="truncate">{field.name}</span>
    </>
  );
}

function FieldNote({ field, isNew }: { field: Field; isNew: boolean }) {
  if (isNew && field.name === "id") return <span className="text-ink-3">generated when empty</span>;
  return field.hidden && <Badge>Hidden</Badge>;
}
