import { Braces } from "lucide-react";
import { useState } from "react";
import type { JsonField } from "@/api/types";
import { checkJson, pretty } from "@/lib/json";
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

/** Text that is not JSON yet is kept as `BadJson`, so that a form can refuse to save it and nothing typed is lost. */
export class BadJson {
  constructor(
    readonly text: string,
    readonly message: string,
  ) {}
}

export function JsonInput({ value, onChange, control }: InputProps<JsonField>) {
  const [typed, setTyped] = useState<string | null>(value instanceof BadJson ? value.text : null);
  const text = typed ?? pretty(value);
  const bad = value instanceof BadJson ? value.message : null;
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
          onChange(check.ok ? check.value : new BadJson(event.target.value, check.message));
        }}
        onBlur={() => !bad && setTyped(null)}
      />
      {bad && <FieldError message={bad} />}
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
