import { useState, type ReactNode } from "react";
import { FieldBox } from "@/ui/field";
import { NumberInput } from "@/ui/number-input";
import { Chips } from "./lazy";

/** What an empty cell shows; read out as "empty". One element, and its sign in the style sheet: tables are full of them. */
export const emptyCell = <span className="empty-value" />;

export function OptionGrid({ children }: { children: ReactNode }) {
  return <div className="grid grid-cols-1 gap-x-4 gap-y-3 sm:grid-cols-2">{children}</div>;
}

type NumberOptionProps = {
  label: string;
  help?: string;
  value: number | null;
  onChange: (value: number | null) => void;
  placeholder?: string;
  error?: string | undefined;
  integer?: boolean;
};

export function NumberOption({ label, help, value, onChange, placeholder, error, integer = true }: NumberOptionProps) {
  return (
    <FieldBox label={label} help={help} error={error}>
      {(control) => (
        <NumberInput
          control={control}
          value={value}
          onChange={onChange}
          integer={integer}
          placeholder={placeholder ?? ""}
        />
      )}
    </FieldBox>
  );
}

/** Limits where 0 stands for "the server's default". */
export function LimitOption({
  value,
  onChange,
  ...rest
}: Omit<NumberOptionProps, "value" | "onChange"> & { value: number; onChange: (value: number) => void }) {
  return <NumberOption {...rest} value={value === 0 ? null : value} onChange={(next) => onChange(next ?? 0)} />;
}

type SizeOptionProps = {
  label: string;
  help?: string;
  value: number;
  fallback: string;
  onChange: (bytes: number) => void;
  error?: string | undefined;
};
const sizes = { B: 1, kB: 1024, MB: 1024 * 1024 } as const;
type SizeUnit = keyof typeof sizes;

/** Bytes, typed in the unit that suits. */
export function SizeOption({ label, help, value, fallback, onChange, error }: SizeOptionProps) {
  const [unit, setUnit] = useState<SizeUnit>(value % sizes.MB === 0 ? "MB" : value % sizes.kB === 0 ? "kB" : "B");
  return (
    <FieldBox label={label} help={help} error={error}>
      {(control) => (
        <div className="flex gap-1.5">
          <NumberInput
            control={control}
            value={value === 0 ? null : value / sizes[unit]}
            placeholder={fallback}
            onChange={(next) => onChange(Math.round((next ?? 0) * sizes[unit]))}
          />
          <select
            aria-label={`${label} unit`}
            className="control !w-20 shrink-0"
            value={unit}
            onChange={(event) => {
              const next = event.target.value;
              setUnit(next === "kB" ? "kB" : next === "MB" ? "MB" : "B");
            }}
          >
            <option>B</option>
            <option>kB</option>
            <option>MB</option>
          </select>
        </div>
      )}
    </FieldBox>
  );
}

type ChipsOptionProps = {
  label: string;
  help?: string;
  values: string[];
  onChange: (values: string[]) => void;
  placeholder?: string;
  error?: string | undefined;
  required?: boolean;
};

export function ChipsOption({ label, help, values, onChange, placeholder, error, required }: ChipsOptionProps) {
  return (
    <FieldBox label={label} help={help} error={error} {...(required ? { required } : {})} className="sm:col-span-2">
      {(control) => (
        <Chips control={control} values={values} onChange={onChange} {...(placeholder ? { placeholder } : {})} />
      )}
    </FieldBox>
  );
}

type PatternOptionProps = {
  label: string;
  help?: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  error?: string | undefined;
};

export function PatternOption({ label, help, value, onChange, placeholder, error }: PatternOptionProps) {
  return (
    <FieldBox label={label} help={help} error={error}>
      {(control) => (
        <input
          {...control}
          className="control font-mono text-code"
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </FieldBox>
  );
}

/** Single or multiple, with the limit for multiple. */
export function MaxSelectOption({
  value,
  onChange,
  error,
  noun,
}: {
  value: number;
  onChange: (value: number) => void;
  error?: string | undefined;
  noun: string;
}) {
  const multiple = value > 1;
  return (
    <>
      <FieldBox label="Holds" error={multiple ? undefined : error}>
        {(control) => (
          <select
            {...control}
            className="control"
            value={multiple ? "many" : "one"}
            onChange={(event) => onChange(event.target.value === "many" ? 99 : 1)}
          >
            <option value="one">One {noun}</option>
            <option value="many">Several {noun}s</option>
          </select>
        )}
      </FieldBox>
      {multiple && (
        <NumberOption label="At most" value={value} onChange={(next) => onChange(next ?? 2)} error={error} />
      )}
    </>
  );
}
