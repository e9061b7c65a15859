import { Plus, Trash2 } from "lucide-react";
import { useId } from "react";
import type { Collection } from "@/api/types";
import { cx } from "@/lib/cx";
import { columnName, formatIndex, parseIndex, type IndexParts } from "@/lib/indexes";
import { Button, IconButton } from "@/ui/button";
import { FieldError } from "@/ui/field";
import { SwitchRow } from "@/ui/switch";
import { newIndex } from "./model";

type IndexListProps = { collection: Collection; errors: Record<string, string>; onChange: (indexes: string[]) => void };

export function IndexList({ collection, errors, onChange }: IndexListProps) {
  const { indexes } = collection;
  return (
    <section aria-labelledby="indexes-title">
      <h2 id="indexes-title" className="mb-2 text-lg font-semibold">
        Indexes
      </h2>
      {errors["indexes"] && <FieldError message={errors["indexes"]} />}
      {indexes.length === 0 && (
        <p className="text-ink-3">
          None yet. An index makes filters and sorts on its columns fast, or keeps values unique.
        </p>
      )}
      <ul className="space-y-2">
        {indexes.map((sql, index) => (
          <IndexRow
            // An index has no identity but its place.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            sql={sql}
            collection={collection}
            error={errors[`indexes.${index}`]}
            onChange={(next) => onChange(indexes.map((old, at) => (at === index ? next : old)))}
            onRemove={() => onChange(indexes.filter((_, at) => at !== index))}
          />
        ))}
      </ul>
      <Button
        className="mt-2 w-full !border-dashed"
        onClick={() => onChange([...indexes, newIndex(collection, "", false)])}
      >
        <Plus size={14} aria-hidden /> Add index
      </Button>
    </section>
  );
}

type IndexRowProps = {
  sql: string;
  collection: Collection;
  error: string | undefined;
  onChange: (sql: string) => void;
  onRemove: () => void;
};

function IndexRow({ sql, collection, error, onChange, onRemove }: IndexRowProps) {
  const id = useId();
  const parts = parseIndex(sql);
  const columns = parts?.columns.filter(Boolean) ?? [];
  const title = columns.length > 0 ? columns.join(", ").replaceAll(/[`"[\]]/g, "") : "new index";

  function edit(change: Partial<IndexParts>) {
    if (parts) onChange(formatIndex({ ...parts, table: collection.name || parts.table, columns, ...change }));
  }
  return (
    <li className={cx("rounded-md border bg-bg p-3", error ? "border-danger" : "border-line")}>
      <div className="flex items-start gap-2" role="group" aria-label={`Index on ${title}`}>
        <div className="min-w-0 flex-1">
          {parts && (
            <div className="mb-2 flex flex-wrap items-center gap-1.5">
              {collection.fields.map((field) => {
                const at = columns.findIndex((column) => columnName(column) === field.name);
                return (
                  <button
                    key={field.id}
                    type="button"
                    aria-pressed={at >= 0}
                    onClick={() =>
                      edit({
                        columns: at >= 0 ? columns.filter((_, place) => place !== at) : [...columns, field.name],
                      })
                    }
                    className={cx(
                      "inline-flex h-6 items-center gap-1 rounded-full border px-2.5 text-sm",
                      at >= 0
                        ? "border-transparent bg-accent-soft font-medium text-accent-text"
                        : "border-line text-ink-2 hover:border-line-strong",
                    )}
                  >
                    {at >= 0 && columns.length > 1 && <span className="tnum">{at + 1}</span>}
                    {field.name}
                  </button>
                );
              })}
            </div>
          )}
          {parts && <SwitchRow label="Unique" checked={parts.unique} onChange={(unique) => edit({ unique })} />}
          <textarea
            aria-label={`SQL of the index on ${title}`}
            {...(error ? { "aria-invalid": true, "aria-describedby": `${id}-error` } : {})}
            rows={1}
            spellCheck={false}
            className="control mt-1.5 font-mono text-code"
            value={sql}
            onChange={(event) => onChange(event.target.value)}
          />
          {error && <FieldError id={`${id}-error`} message={error} />}
        </div>
        <IconButton label={`Remove index on ${title}`} small onClick={onRemove}>
          <Trash2 size={14} />
        </IconButton>
      </div>
    </li>
  );
}
