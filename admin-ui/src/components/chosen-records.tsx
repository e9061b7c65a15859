import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, ExternalLink, X } from "lucide-react";
import { useState } from "react";
import { recordTitle } from "@/api/presentable";
import { recordsByIdQuery } from "@/api/records";
import type { Collection, RecordRow } from "@/api/types";
import { useRowFocus, type RowButton } from "@/components/row-focus";
import { count, groupDigits } from "@/lib/words";
import { Button, IconButton } from "@/ui/button";

/** As many are drawn at first, and more when asked for: each has four buttons, and what comes after is to be reached. */
const first = 50;
const step = 200;
/** The end is always there, because that is where what is added goes. */
const tail = 5;

type ChosenRecordsProps = {
  /** Of the box that more are chosen in. */
  controlId: string;
  label: string;
  collectionId: string;
  target: Collection | undefined;
  value: string[];
  onChange: (ids: string[]) => void;
};

/** The records of a relation, in their order. */
export function ChosenRecords({ controlId, label, collectionId, target, value, onChange }: ChosenRecordsProps) {
  const [shown, setShown] = useState(first);
  const hidden = Math.max(0, value.length - shown - tail);
  const drawn = hidden > 0 ? [...value.slice(0, shown), ...value.slice(-tail)] : value;
  const loaded = useQuery(recordsByIdQuery(collectionId, drawn));
  const records = new Map(loaded.data?.map((record) => [record.id, record]));
  const { root, press } = useRowFocus<HTMLDivElement>(value);
  function change(id: string | undefined, button: RowButton, next: string[]) {
    press(id, button);
    // The last one takes the whole list away.
    if (next.length === 0) document.getElementById(controlId)?.focus();
    onChange(next);
  }
  const item = (id: string, index: number) => (
    <Chosen
      key={id}
      id={id}
      target={target}
      record={records.get(id)}
      loading={loaded.isFetching || loaded.isError}
      {...(index > 0 ? { onUp: () => change(id, "up", swap(value, index, index - 1)) } : {})}
      {...(index < value.length - 1 ? { onDown: () => change(id, "down", swap(value, index, index + 1)) } : {})}
      onRemove={() =>
        change(
          value[index + 1] ?? value[index - 1],
          "remove",
          value.filter((other) => other !== id),
        )
      }
    />
  );
  if (hidden === 0)
    return (
      <div ref={root}>
        <ol aria-label={`Chosen for ${label}`} className="space-y-1">
          {value.map(item)}
        </ol>
      </div>
    );
  return (
    <div ref={root} className="space-y-1.5">
      <ol aria-label={`Chosen for ${label}`} className="space-y-1">
        {value.slice(0, shown).map(item)}
      </ol>
      <Button size="sm" onClick={() => setShown(shown + step)}>
        Show {groupDigits(Math.min(step, hidden))} more of {count(value.length, "record")}
      </Button>
      <ol aria-label={`Last chosen for ${label}`} start={value.length - tail + 1} className="space-y-1">
        {value.slice(-tail).map((id, index) => item(id, value.length - tail + index))}
      </ol>
    </div>
  );
}

export function titleOf(
  target: Collection | undefined,
  record: RecordRow | undefined,
  id: string,
  loading: boolean,
): string {
  return record ? recordTitle(target, record) : loading ? "…" : `missing (${id})`;
}

export function OpenLink({ title, target, id }: { title: string; target: Collection; id: string }) {
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
    <li data-row={id} className="flex h-8 items-center gap-1 rounded-sm border border-line bg-canvas ps-2.5 pe-1">
      <span
        dir="auto"
        className={record || loading ? "min-w-0 flex-1 truncate" : "min-w-0 flex-1 truncate text-danger-text"}
      >
        {title}
      </span>
      {onUp && (
        <IconButton data-button="up" label={`Move ${title} up`} small onClick={onUp}>
          <ArrowUp size={14} />
        </IconButton>
      )}
      {onDown && (
        <IconButton data-button="down" label={`Move ${title} down`} small onClick={onDown}>
          <ArrowDown size={14} />
        </IconButton>
      )}
      {record && target && <OpenLink title={title} target={target} id={id} />}
      <IconButton data-button="remove" label={`Remove ${title}`} small onClick={onRemove}>
        <X size={14} />
      </IconButton>
    </li>
  );
}
