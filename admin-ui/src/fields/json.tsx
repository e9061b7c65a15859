import { Braces } from "lucide-react";
import { useState } from "react";
import type { JsonField } from "@/api/types";
import { checkJson, pretty } from "@/lib/json";
import { BadText } from "@/lib/typed";
import { FieldError } from "@/ui/field";
import { emptyCell, OptionGrid, SizeOption } from "./parts";
import type { CellProps, InputProps, Kind, OptionsProps } from "./types";

export const jsonKind: Kind<JsonField> = {
  label: "JSON",
  icon: Braces,
  hint: "Any structured data",
  width: 200,
  defaults: { type: "json", maxSize: 0 },
};

export function JsonInput({ value, onChange, control }: InputProps<JsonField>) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? (value instanceof BadText ? value.text : pretty(value));
  const bad = value instanceof BadText ? value.message : null;
  return (
    <>
      <textarea
        {...control}
        {...(bad ? { "aria-invalid": true } : {})}
        rows={3}
        spellCheck={false}
        autoComplete="off"
        className="control block font-mono text-code"
        placeholder="null"
        value={text}
        onChange={(event) => {
          setTyped(event.target.value);
          const check = checkJson(event.target.value);
          onChange(check.ok ? check.value : new BadText(event.target.value, check.message));
        }}
        onBlur={() => setTyped(null)}
      />
      {bad && !control["aria-invalid"] && <FieldError message={bad} />}
    </>
  );
}

export function JsonCell({ value }: CellProps<JsonField>) {
  if (value === null || value === undefined || value === "") return emptyCell;
  return <span className="truncate font-mono text-code text-ink-2">{JSON.stringify(value).slice(0, 200)}</span>;
}

export function JsonOptions({ field, onChange, errors }: OptionsProps<JsonField>) {
  return (
    <OptionGrid>
      <SizeOption
        label="Largest size"
        fallback="1 (default)"
        value={field.maxSize}
        onChange={(maxSize) => onChange({ maxSize })}
        error={errors["maxSize"]}
      />
    </OptionGrid>
  );
}
