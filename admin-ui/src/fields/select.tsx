import { List, X } from "lucide-react";
import type { SelectField } from "@/api/types";
import { toList } from "@/lib/assert";
import { hueOf } from "@/lib/hue";
import { IconButton } from "@/ui/button";
import { Combobox } from "./lazy";
import { ChipsOption, emptyCell, MaxSelectOption, OptionGrid } from "./parts";
import type { CellProps, InputProps, Kind, OptionsProps } from "./types";

export const selectKind: Kind<SelectField> = {
  label: "Select",
  icon: List,
  hint: "One or several of fixed choices",
  width: 150,
  defaults: { type: "select", values: [], maxSelect: 1 },
};

function Dot({ value }: { value: string }) {
  return <span aria-hidden className="size-2 shrink-0 rounded-full" style={{ background: hueOf(value) }} />;
}

export function SelectInput({ field, value, onChange, control }: InputProps<SelectField>) {
  const chosen = toList(value);
  const multiple = field.maxSelect > 1;
  const full = multiple && chosen.length >= field.maxSelect;
  const options = field.values.map((option) => ({
    value: option,
    label: option,
    icon: <Dot value={option} />,
    ...(full && !chosen.includes(option) ? { blocked: `At most ${field.maxSelect}` } : {}),
  }));
  function pick(option: string) {
    const has = chosen.includes(option);
    if (!multiple) onChange(has && !field.required ? "" : option);
    else
      onChange(
        has
          ? chosen.filter((other) => other !== option)
          : field.values.filter((v) => v === option || chosen.includes(v)),
      );
  }
  return (
    <div className="space-y-1.5">
      {multiple && chosen.length > 0 && (
        <ul aria-label={`Chosen for ${field.name}`} className="flex flex-wrap gap-1">
          {chosen.map((option) => (
            <li key={option} className="inline-flex h-6 items-center gap-1.5 rounded-sm bg-sunken ps-2">
              <Dot value={option} />
              {option}
              <button
                type="button"
                aria-label={`Remove ${option}`}
                className="flex size-6 items-center justify-center rounded-sm text-ink-3 hover:text-ink"
                onClick={() => pick(option)}
              >
                <X size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Combobox
        control={control}
        options={options}
        selected={chosen}
        onPick={pick}
        keepOpen={multiple}
        display={multiple ? "" : (chosen[0] ?? "")}
        trailing={
          !multiple &&
          chosen[0] !== undefined &&
          !field.required && (
            <IconButton label={`Clear ${field.name}`} small onClick={() => onChange("")}>
              <X size={14} />
            </IconButton>
          )
        }
        placeholder={multiple && chosen.length > 0 ? "Add another" : "Choose"}
      />
    </div>
  );
}

export function SelectCell({ value }: CellProps<SelectField>) {
  const chosen = toList(value);
  if (chosen.length === 0) return emptyCell;
  return (
    <span className="flex min-w-0 items-center gap-2.5">
      {chosen.slice(0, 2).map((option) => (
        <span key={option} className="flex min-w-0 items-center gap-1.5">
          <Dot value={option} />
          <span dir="auto" className="truncate">
            {option}
          </span>
        </span>
      ))}
      {chosen.length > 2 && <span className="text-ink-3">+{chosen.length - 2}</span>}
    </span>
  );
}

export function SelectOptions({ field, onChange, errors }: OptionsProps<SelectField>) {
  return (
    <OptionGrid>
      <ChipsOption
        label="Choices"
        required
        help="Enter or a comma adds a choice; a list can be pasted."
        placeholder="draft, published"
        values={field.values}
        onChange={(values) => onChange({ values, maxSelect: Math.min(field.maxSelect, Math.max(values.length, 1)) })}
        error={errors["values"]}
      />
      <MaxSelectOption
        noun="choice"
        value={field.maxSelect}
        onChange={(maxSelect) => onChange({ maxSelect: Math.min(maxSelect, Math.max(field.values.length, 2)) })}
        error={errors["maxSelect"]}
      />
    </OptionGrid>
  );
}
