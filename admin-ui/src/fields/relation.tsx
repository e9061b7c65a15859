import { useQuery } from "@tanstack/react-query";
import { Share2 } from "lucide-react";
import { collectionsQuery } from "@/api/collections";
import { recordTitle } from "@/api/presentable";
import type { RecordRow, RelationField } from "@/api/types";
import { toList } from "@/lib/assert";
import { FieldBox } from "@/ui/field";
import { SwitchRow } from "@/ui/switch";
import { RecordPicker } from "./lazy";
import { emptyCell, LimitOption, MaxSelectOption, OptionGrid } from "./parts";
import type { CellProps, InputProps, Kind, OptionsProps } from "./types";

export const relationKind: Kind<RelationField> = {
  label: "Relation",
  icon: Share2,
  hint: "Points to records of a collection",
  width: 200,
  defaults: { type: "relation", collectionId: "", cascadeDelete: false, minSelect: 0, maxSelect: 1 },
};

export function RelationInput({ field, value, onChange, control }: InputProps<RelationField>) {
  const multiple = field.maxSelect > 1;
  return (
    <RecordPicker
      control={control}
      label={field.name}
      collectionId={field.collectionId}
      value={toList(value)}
      multiple={multiple}
      max={multiple ? field.maxSelect : 1}
      onChange={(ids) => onChange(multiple ? ids : (ids[0] ?? ""))}
    />
  );
}

export function RelationCell({ field, value, record }: CellProps<RelationField>) {
  const target = useQuery(collectionsQuery).data?.find((collection) => collection.id === field.collectionId);
  const ids = toList(value);
  const first = ids[0];
  if (first === undefined) return emptyCell;
  const loaded = expanded(record, field.name).find((row) => row.id === first);
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <span dir="auto" className={loaded ? "truncate" : "truncate font-mono text-code text-ink-3"}>
        {loaded ? recordTitle(target, loaded) : first}
      </span>
      {ids.length > 1 && <span className="text-ink-3">+{ids.length - 1}</span>}
    </span>
  );
}

function expanded(record: RecordRow, name: string): RecordRow[] {
  const rows = record.expand?.[name];
  return rows === undefined ? [] : Array.isArray(rows) ? rows : [rows];
}

export function RelationOptions({ field, onChange, errors, stored }: OptionsProps<RelationField>) {
  const targets = (useQuery(collectionsQuery).data ?? []).filter((collection) => collection.type !== "view");
  return (
    <OptionGrid>
      <FieldBox
        label="Collection"
        required
        error={errors["collectionId"]}
        help={stored ? "The target of an existing relation can't change." : undefined}
      >
        {(control) => (
          <select
            {...control}
            className="control"
            disabled={stored}
            value={field.collectionId}
            onChange={(event) => onChange({ collectionId: event.target.value })}
          >
            <option value="">Choose a collection</option>
            {targets.map((collection) => (
              <option key={collection.id} value={collection.id}>
                {collection.name}
              </option>
            ))}
          </select>
        )}
      </FieldBox>
      <MaxSelectOption
        noun="record"
        value={field.maxSelect}
        onChange={(maxSelect) => onChange({ maxSelect })}
        error={errors["maxSelect"]}
      />
      {field.maxSelect > 1 && (
        <LimitOption
          label="At least"
          placeholder="No minimum"
          value={field.minSelect}
          onChange={(minSelect) => onChange({ minSelect })}
          error={errors["minSelect"]}
        />
      )}
      <SwitchRow
        label="Delete together"
        help="When the record it points to is deleted, delete this one too."
        checked={field.cascadeDelete}
        onChange={(cascadeDelete) => onChange({ cascadeDelete })}
      />
    </OptionGrid>
  );
}
