import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useContext, useDeferredValue, useState } from "react";
import { collectionsQuery } from "@/api/collections";
import { presentableFields, recordTitle } from "@/api/presentable";
import { pickerQuery, recordsByIdQuery } from "@/api/records";
import type { Collection, RecordRow } from "@/api/types";
import { ChosenRecords, OpenLink, titleOf } from "@/components/chosen-records";
import { CreateRelated } from "@/components/create-related";
import { allOf, anyOf, literal } from "@/lib/keyset";
import { Button, IconButton } from "@/ui/button";
import { Combobox, type Option } from "@/ui/combobox";
import type { ControlProps } from "@/ui/field";

type RecordPickerProps = {
  control: ControlProps;
  label: string;
  collectionId: string;
  value: string[];
  onChange: (ids: string[]) => void;
  multiple: boolean;
  max: number;
};

/** Chooses records of one collection by searching what names them. */
export function RecordPicker({ control, label, collectionId, value, onChange, multiple, max }: RecordPickerProps) {
  const create = useContext(CreateRelated);
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const text = useDeferredValue(search.trim());
  const target = useQuery(collectionsQuery).data?.find((collection) => collection.id === collectionId);
  const found = useQuery({
    ...pickerQuery(collectionId, searchFilter(target, text)),
    enabled: open && target !== undefined,
  });
  const single = multiple ? undefined : value[0];
  const chosen = useQuery({
    ...recordsByIdQuery(collectionId, single === undefined ? [] : [single]),
    enabled: single !== undefined,
  });
  const full = multiple && max > 0 && value.length >= max;
  const options = (found.data ?? []).map((record) =>
    toOption(target, record, full && !value.includes(record.id) ? max : 0),
  );

  function pick(id: string) {
    if (value.includes(id)) onChange(value.filter((other) => other !== id));
    else onChange(multiple ? [...value, id] : [id]);
  }
  const singleRecord = chosen.data?.find((record) => record.id === single);
  return (
    <div className="space-y-1.5">
      {multiple && value.length > 0 && (
        <ChosenRecords
          controlId={control.id}
          label={label}
          collectionId={collectionId}
          target={target}
          value={value}
          onChange={onChange}
        />
      )}
      <Combobox
        control={control}
        options={options}
        selected={value}
        onPick={pick}
        onSearch={setSearch}
        onOpenChange={setOpen}
        keepOpen={multiple}
        busy={found.isFetching}
        display={single === undefined ? "" : titleOf(target, singleRecord, single, chosen.isFetching || chosen.isError)}
        trailing={
          single !== undefined && (
            <>
              {singleRecord && target && (
                <OpenLink title={recordTitle(target, singleRecord)} target={target} id={single} />
              )}
              <IconButton label={`Clear ${label}`} small onClick={() => onChange([])}>
                <X size={14} />
              </IconButton>
            </>
          )
        }
        placeholder={value.length > 0 ? `Add from ${target?.name ?? "records"}` : `Search ${target?.name ?? "records"}`}
        empty={
          found.isError
            ? "The search failed."
            : text
              ? "No record matches."
              : `No records in ${target?.name ?? "the collection"} yet.`
        }
      />
      {create && target && target.type !== "view" && !full && (
        <Button
          size="sm"
          tone="ghost"
          onClick={() => create(target, (id) => onChange(multiple ? [...value, id] : [id]))}
        >
          <Plus size={14} aria-hidden /> Create {target.name}
        </Button>
      )}
    </div>
  );
}

function searchFilter(target: Collection | undefined, text: string): string {
  if (!target || text === "") return "";
  const names = presentableFields(target)
    .filter((field) => field.type !== "relation")
    .map((field) => field.name);
  const words = text.split(/\s+/).map((word) => anyOf([...names, "id"].map((name) => `${name} ~ ${literal(word)}`)));
  return allOf(words);
}

function toOption(target: Collection | undefined, record: RecordRow, blockedAt: number): Option {
  const title = recordTitle(target, record);
  return {
    value: record.id,
    label: title,
    detail: title === record.id ? undefined : <span className="font-mono text-xs">{record.id}</span>,
    ...(blockedAt > 0 ? { blocked: `At most ${blockedAt} records` } : {}),
  };
}
