import { Plus, RotateCcw } from "lucide-react";
import { useRef, useState } from "react";
import type { Collection, FieldType } from "@/api/types";
import type { DraftHandle } from "@/components/use-draft";
import { fieldTypes, kinds } from "@/fields/registry";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";
import { DropdownMenu } from "radix-ui";
import { FieldRow } from "./field-row";
import { restored } from "./restore";
import { addField, errorsUnder, moveField, removedFields, renameField, replaceField } from "./model";

type FieldListProps = { draft: DraftHandle<Collection>; errors: Record<string, string>; isNew: boolean };

export function FieldList({ draft, errors, isNew }: FieldListProps) {
  const { value: collection, base } = draft;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const newest = useRef<string | null>(null);
  const [added, setAdded] = useState<string | null>(null);
  /** A field that was just restored. */
  const [back, setBack] = useState<string | null>(null);

  function add(type: FieldType) {
    const next = addField(collection, type);
    draft.set({ fields: next.fields });
    setOpen((now) => new Set([...now, next.added.id]));
    newest.current = next.added.id;
  }
  /** Whether there is a new field to go to. */
  function closed(): boolean {
    const fresh = newest.current !== added;
    setAdded(newest.current);
    return fresh;
  }
  function toggle(id: string) {
    setOpen((now) => new Set(now.has(id) ? [...now].filter((other) => other !== id) : [...now, id]));
  }
  return (
    <section aria-labelledby="fields-title">
      <div className="mb-2 flex items-end justify-between">
        <h2 id="fields-title" className="text-lg font-semibold">
          Fields
        </h2>
      </div>
      {errors["fields"] && (
        <Notice tone="danger" role="alert" className="mb-2">
          {errors["fields"]}
        </Notice>
      )}
      <ul aria-label="Fields" className="divide-y divide-line overflow-clip rounded-md border border-line bg-bg">
        {collection.fields.map((field, index) => (
          <FieldRow
            key={field.id}
            field={field}
            collection={collection}
            stored={!isNew && base.fields.some((known) => known.id === field.id)}
            errors={errorsUnder(errors, `fields.${index}`)}
            open={open.has(field.id)}
            fresh={added === field.id || back === field.id}
            onToggle={() => toggle(field.id)}
            onRename={(name) => draft.set(renameField(collection, field.id, name))}
            onChange={(next) => draft.set({ fields: replaceField(collection.fields, next) })}
            onIndexes={(indexes) => draft.set({ indexes })}
            onMove={(by) => draft.set({ fields: moveField(collection.fields, field.id, by) })}
            onRemove={() => {
              setBack(null);
              draft.set({ fields: collection.fields.filter((other) => other.id !== field.id) });
            }}
          />
        ))}
        {!isNew &&
          removedFields(base, collection).map((field) => (
            <li key={field.id} className="flex min-h-11 items-center gap-2 bg-danger-soft px-3 text-danger-text">
              <span className="min-w-0 flex-1 truncate">
                <s>{field.name}</s> is removed with its values
              </span>
              <Button
                size="sm"
                onClick={() => {
                  draft.set({ fields: restored(base.fields, collection.fields, field) });
                  setBack(field.id);
                }}
                aria-label={`Restore ${field.name}`}
              >
                <RotateCcw size={12} aria-hidden /> Restore
              </Button>
            </li>
          ))}
      </ul>
      <AddField onAdd={add} onClosed={closed} />
    </section>
  );
}

/** All types at once with a line on each; typing a letter jumps. */
function AddField({ onAdd, onClosed }: { onAdd: (type: FieldType) => void; onClosed: () => boolean }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button className="mt-2 w-full !border-dashed">
          <Plus size={14} aria-hidden /> Add field
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          sideOffset={4}
          collisionPadding={8}
          // The new field's name takes the focus, once the menu has let go of it.
          onCloseAutoFocus={(event) => {
            if (onClosed()) event.preventDefault();
          }}
          className="enter z-50 grid max-h-[70vh] w-[min(560px,calc(100vw-16px))] grid-cols-1 gap-0.5 overflow-y-auto rounded-md bg-raised p-1.5 shadow-float sm:grid-cols-2"
        >
          {fieldTypes.map((type) => {
            const { icon: Icon, label, hint } = kinds[type];
            return (
              <DropdownMenu.Item
                key={type}
                textValue={label}
                onSelect={() => onAdd(type)}
                className="flex cursor-pointer items-center gap-3 rounded-sm px-2 py-1.5 outline-none data-[highlighted]:bg-hover"
              >
                <span className="flex size-7 shrink-0 items-center justify-center rounded-sm bg-accent-soft text-accent-text">
                  <Icon size={16} strokeWidth={1.75} aria-hidden />
                </span>
                <span className="min-w-0">
                  <span className="block font-medium">{label}</span>
                  <span className="block truncate text-sm text-ink-3">{hint}</span>
                </span>
              </DropdownMenu.Item>
            );
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
