import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, ExternalLink, Plus, X } from "lucide-react";
import { useContext, useDeferredValue, useState } from "react";
import { collectionsQuery } from "@/api/collections";
import { presentableFields, recordTitle } from "@/api/presentable";
import { pickerQuery, recordsByIdQuery } from "@/api/records";
import type { Collection, RecordRow } from "@/api/types";
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
  const chosen = useQuery({ ...recordsByIdQuery(collectionId, value), enabled: value.length > 0 });
  const full = multiple && max > 0 && value.length >= max;
  const options = (found.data ?? []).map((record) =>
    toOption(target, record, full && !value.includes(record.id) ? max : 0),
  );

  function pick(id: string) {
    if (value.includes(id)) onChange(value.filter((other) => other !== id));
    else onChange(multiple ? [...value, id] : [id]);
  }
  const single = multiple ? undefined : value[0];
  const singleRecord = chosen.data?.find((record) => record.id === single);
  return (
    <div className="space-y-1.5">
      {multiple && value.length > 0 && (
        <ol aria-label={`Chosen for ${label}`} className="space-y-1">
          {value.map((id, index) => (
            <Chosen
              key={id}
              id={id}
              target={target}
              record={chosen.data?.find((record) => record.id === id)}
              loading={chosen.isLoading}
              {...(index > 0 ? { onUp: () => onChange(swap(value, index, index - 1)) } : {})}
              {...(index < value.length - 1 ? { onDown: () => onChange(swap(value, index, index + 1)) } : {})}
              onRemove={() => onChange(value.filter((other) => other !== id))}
            />
          ))}
        </ol>
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
        display={single === undefined ? "" : titleOf(target, singleRecord, single, chosen.isLoading)}
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

function titleOf(target: Collection | undefined, record: RecordRow | undefined, id: string, loading: boolean): string {
  return record ? recordTitle(target, record) : loading ? "…" : `missing (${id})`;
}

function OpenLink({ title, target, id }: { title: string; target: Collection; id: string }) {
  return (
    <a
      href={`#/collections/${target.name}?record=${id}`}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={`Open ${title} in a new tab`}
      className="flex size-6 items-center justify-center rounded-sm text-ink-2 hover:bg-hover"
    >
      <ExternalLink size={14} />
    </a>
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

function swap(list: string[], a: number, b: number): string[] {
  return list.map((item, index) => (index === a ? (list[b] ?? item) : index === b ? (list[a] ?? item) : item));
}

type ChosenProps = {
  id: string;
  target: Collection | undefined;
  record: RecordRow | undefined;
  loading: boolean;
  onUp?: () => void;
  onDown?: () => void;
  onRemove: () => void;
};

function Chosen({ id, target, record, loading, onUp, onDown, onRemove }: ChosenProps) {
  const title = titleOf(target, record, id, loading);
  return (
    <li className="flex h-8 items-center gap-1 rounded-sm border border-line bg-canvas ps-2.5 pe-1">
      <span
        dir="auto"
        className={record || loading ? "min-w-0 flex-1 truncate" : "min-w-0 flex-1 truncate text-danger-text"}
      >
        {title}
      </span>
      {onUp && (
        <IconButton label={`Move ${title} up`} small onClick={onUp}>
          <ArrowUp size={14} />
        </IconButton>
      )}
      {onDown && (
        <IconButton label={`Move ${title} down`} small onClick={onDown}>
          <ArrowDown size={14} />
        </IconButton>
      )}
      {record && target && <OpenLink title={title} target={target} id={id} />}
      <IconButton label={`Remove ${title}`} small onClick={onRemove}>
        <X size={14} />
      </IconButton>
    </li>
  );
}
