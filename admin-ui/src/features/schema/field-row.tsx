import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, Settings2, Trash2 } from "lucide-react";
import { useEffect, useId, useRef, type KeyboardEvent } from "react";
import { collectionsQuery } from "@/api/collections";
import type { Collection, Field } from "@/api/types";
import { kinds } from "@/fields/registry";
import { cx } from "@/lib/cx";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { FieldError } from "@/ui/field";
import { refuseUnread } from "@/ui/unread";
import { FieldSettings } from "./field-settings";
import { isIndexed, isUnique, nameProblem, summaryOf } from "./model";

type FieldRowProps = {
  field: Field;
  collection: Collection;
  stored: boolean;
  errors: Record<string, string>;
  open: boolean;
  fresh: boolean;
  onToggle: () => void;
  onRename: (name: string) => void;
  onChange: (field: Field) => void;
  onIndexes: (indexes: string[]) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
};

export function FieldRow(props: FieldRowProps) {
  const { field, collection, stored, errors, open, fresh, onToggle, onRename, onMove, onRemove } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const options = useRef<HTMLDivElement>(null);
  const { icon: Icon, label } = kinds[field.type];
  const collections = useQuery(collectionsQuery).data ?? [];
  const others = collection.fields.filter((other) => other.id !== field.id).map((other) => other.name);
  const problem = nameProblem(field.name, others) ?? errors["name"];
  const flags = flagsOf(field, collection);
  const hasErrors = Boolean(problem) || Object.keys(errors).length > 0;
  // A field that was just added asks for its name.
  useEffect(() => {
    if (!fresh) return;
    input.current?.focus();
    input.current?.select();
  }, [fresh]);

  function onKeyDown(event: KeyboardEvent) {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    onMove(event.key === "ArrowUp" ? -1 : 1);
    requestAnimationFrame(() => input.current?.focus());
  }
  /** Closing would forget what can't be read: the box gets the focus instead, and says why. */
  function toggle() {
    if (open && options.current && refuseUnread(options.current) !== null) return;
    onToggle();
  }
  return (
    <li onKeyDown={onKeyDown} className={cx("group/field", hasErrors && "shadow-[inset_3px_0_0_var(--danger)]")}>
      <div role="group" aria-label={field.name}>
        <div className="flex min-h-11 flex-wrap items-center gap-x-2 gap-y-1 px-2.5 py-1.5">
          <span
            title={label}
            className="flex size-7 shrink-0 items-center justify-center rounded-sm bg-sunken text-ink-2"
          >
            <Icon size={16} strokeWidth={1.75} aria-hidden />
            <span className="sr-only">{label}</span>
          </span>
          <input
            ref={input}
            aria-label="Field name"
            aria-describedby={problem ? `${id}-name` : undefined}
            {...(problem ? { "aria-invalid": true } : {})}
            readOnly={field.system}
            autoComplete="off"
            spellCheck={false}
            className="control min-w-28 flex-1 basis-[calc(100%-4rem)] sm:basis-40 !border-transparent font-medium read-only:!bg-transparent hover:!border-line-strong focus:!border-focus read-only:hover:!border-transparent"
            value={field.name}
            onChange={(event) => onRename(event.target.value)}
          />
          <span className="flex items-center gap-2 text-ink-3 max-sm:flex-1">
            <span className="flex flex-wrap gap-1">
              {flags.map((flag) => (
                <Badge key={flag.label} {...(flag.tone ? { tone: flag.tone } : {})}>
                  {flag.label}
                </Badge>
              ))}
            </span>
            <span className={cx("max-w-44 truncate text-sm", flags.length > 1 && "max-sm:hidden")}>
              {summaryOf(field, collections)}
            </span>
          </span>
          <span className="flex items-center">
            <span className="flex opacity-0 group-hover/field:opacity-100 focus-within:opacity-100 pointer-coarse:opacity-100">
              <IconButton label="Move up" small keys="Alt ↑" onClick={() => onMove(-1)}>
                <ChevronUp size={14} />
              </IconButton>
              <IconButton label="Move down" small keys="Alt ↓" onClick={() => onMove(1)}>
                <ChevronDown size={14} />
              </IconButton>
            </span>
            <IconButton
              label={`Options for ${field.name}`}
              small
              aria-expanded={open}
              aria-controls={`${id}-options`}
              onClick={toggle}
              className={cx(open && "bg-hover !text-ink")}
            >
              <Settings2 size={14} />
            </IconButton>
            <IconButton
              label="Remove field"
              small
              blocked={field.system ? "A system field can't be removed" : null}
              data-remove
              onClick={(event) => {
                goToNext(event.currentTarget);
                onRemove();
              }}
            >
              <Trash2 size={14} />
            </IconButton>
          </span>
        </div>
        {problem && (
          <div className="px-3 pb-2">
            <FieldError id={`${id}-name`} message={problem} />
          </div>
        )}
        {!open && hasErrors && !problem && (
          <div className="px-3 pb-2">
            <FieldError message={Object.values(errors)[0] ?? ""} />
          </div>
        )}
        {open && (
          <div ref={options} id={`${id}-options`} className="border-t border-line bg-canvas px-4 py-4">
            <FieldSettings {...props} stored={stored} />
          </div>
        )}
      </div>
    </li>
  );
}

/** The row goes, and with it what has the focus: the next one has the same button, or the one before. */
function goToNext(from: HTMLElement) {
  const row = from.closest("li");
  const rows = [row?.nextElementSibling, row?.previousElementSibling];
  const found = rows.map((near) => near?.querySelector<HTMLElement>("[data-remove]")).find(Boolean);
  found?.focus();
}

type Flag = { label: string; tone?: "accent" | "warn" };

function flagsOf(field: Field, collection: Collection): Flag[] {
  const flags: (Flag | false)[] = [
    field.system && { label: "System" },
    field.type !== "autodate" && field.required && { label: "Required", tone: "accent" },
    isUnique(collection, field)
      ? { label: "Unique", tone: "accent" }
      : isIndexed(collection, field) && { label: "Indexed" },
    field.hidden && { label: "Hidden", tone: "warn" },
    field.presentable && { label: "Presentable" },
  ];
  return flags.filter((flag) => flag !== false);
}
