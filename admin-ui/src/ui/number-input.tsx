import { useState } from "react";
import { cx } from "@/lib/cx";
import type { ControlProps } from "./field";

type NumberInputProps = {
  control: ControlProps;
  /** Where there is no visible label. */
  label?: string;
  value: number | null;
  onChange: (value: number | null) => void;
  placeholder?: string;
  integer?: boolean;
  className?: string;
  readOnly?: boolean;
};

const shape = /^-?\d+([.,]\d+)?([eE][+-]?\d+)?$/;

/** A number as text, so that the wheel never changes it and half-typed input is never thrown away. */
export function NumberInput({
  control,
  label,
  value,
  onChange,
  placeholder,
  integer,
  className,
  readOnly,
}: NumberInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const bad = typed !== null && typed.trim() !== "" && !shape.test(typed.trim());
  return (
    <>
      <input
        {...control}
        {...(label ? { "aria-label": label } : {})}
        {...(bad ? { "aria-invalid": true } : {})}
        readOnly={readOnly}
        inputMode={integer ? "numeric" : "decimal"}
        autoComplete="off"
        className={cx("control tnum", className)}
        placeholder={placeholder}
        value={typed ?? (value === null ? "" : String(value))}
        onChange={(event) => {
          const text = event.target.value;
          setTyped(text);
          if (text.trim() === "") onChange(null);
          else if (shape.test(text.trim())) onChange(Number(text.trim().replace(",", ".")));
        }}
        onBlur={() => !bad && setTyped(null)}
      />
      {bad && <p className="mt-1 text-sm text-danger-text">“{typed}” is not a number.</p>}
    </>
  );
}
