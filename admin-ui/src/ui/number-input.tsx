import { useState } from "react";
import { cx } from "@/lib/cx";
import { BadText, readNumber } from "@/lib/typed";
import type { ControlProps } from "./field";

type NumberInputProps = {
  control: ControlProps;
  /** Where there is no visible label. */
  label?: string;
  value: number | null | BadText;
  onChange: (value: number | null) => void;
  /** Where the owner keeps what is no number, to refuse it when saving. */
  onBad?: (bad: BadText) => void;
  placeholder?: string;
  integer?: boolean;
  className?: string;
  readOnly?: boolean;
};

/** A number as text, so that the wheel never changes it and half-typed input is never thrown away. */
export function NumberInput({
  control,
  label,
  value,
  onChange,
  onBad,
  placeholder,
  integer,
  className,
  readOnly,
}: NumberInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? (value instanceof BadText ? value.text : value === null ? "" : String(value));
  const read = typed === null ? value : readNumber(typed);
  const bad = read instanceof BadText ? read : null;
  return (
    <>
      <input
        {...control}
        {...(label ? { "aria-label": label } : {})}
        {...(bad ? { "aria-invalid": true } : {})}
        // Where nobody keeps it, it is found by this.
        {...(bad && !onBad ? { "data-unread": bad.message } : {})}
        readOnly={readOnly}
        inputMode={integer ? "numeric" : "decimal"}
        autoComplete="off"
        className={cx("control tnum", className)}
        placeholder={placeholder}
        value={text}
        onChange={(event) => {
          setTyped(event.target.value);
          const next = readNumber(event.target.value);
          if (next instanceof BadText) onBad?.(next);
          else onChange(next);
        }}
        onBlur={() => (onBad || !bad) && setTyped(null)}
      />
      {bad && !control["aria-invalid"] && <p className="mt-1 text-sm text-danger-text">{bad.message}</p>}
    </>
  );
}
