import { Type } from "lucide-react";
import type { TextField } from "@/api/types";
import { toText } from "@/lib/assert";
import { LimitOption, OptionGrid, PatternOption } from "./parts";
import type { InputProps, Kind, OptionsProps, TextCell } from "./types";

export const textKind: Kind<TextField> = {
  label: "Text",
  icon: Type,
  hint: "One or more lines of plain text",
  width: 220,
  defaults: { type: "text", min: 0, max: 0, pattern: "", autogeneratePattern: "", primaryKey: false },
};

export function TextInput({ field, value, onChange, control }: InputProps<TextField>) {
  const text = toText(value);
  const max = field.max || 5000;
  return (
    <>
      <textarea
        {...control}
        rows={1}
        dir="auto"
        className="control block"
        value={text}
        placeholder={field.autogeneratePattern ? "Leave empty to generate" : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {(text.length > max * 0.8 || field.max > 0) && (
        <p className={text.length > max ? "tnum mt-1 text-sm text-danger-text" : "tnum mt-1 text-sm text-ink-3"}>
          {text.length} of {max} characters
        </p>
      )}
    </>
  );
}

export function textCell({ primaryKey }: TextField): TextCell {
  return {
    text: (value) => toText(value).slice(0, 300),
    look: primaryKey ? "font-mono text-code text-ink-2" : "",
  };
}

export function TextOptions({ field, onChange, errors }: OptionsProps<TextField>) {
  return (
    <OptionGrid>
      <LimitOption
        label="Shortest"
        placeholder="No minimum"
        value={field.min}
        onChange={(min) => onChange({ min })}
        error={errors["min"]}
      />
      <LimitOption
        label="Longest"
        placeholder="5000 characters"
        value={field.max}
        onChange={(max) => onChange({ max })}
        error={errors["max"]}
      />
      <PatternOption
        label="Must match"
        help="A regular expression, e.g. ^[a-z0-9-]+$"
        value={field.pattern}
        onChange={(pattern) => onChange({ pattern })}
        error={errors["pattern"]}
      />
      <PatternOption
        label="Generate when empty"
        help="A pattern to fill in on create, e.g. [a-z0-9]{8}"
        value={field.autogeneratePattern}
        onChange={(autogeneratePattern) => onChange({ autogeneratePattern })}
        error={errors["autogeneratePattern"]}
      />
    </OptionGrid>
  );
}
