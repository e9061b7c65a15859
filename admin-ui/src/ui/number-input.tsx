import { cx } from "@/lib/cx";
import { BadText, readNumber, readWhole } from "@/lib/typed";
import type { ControlProps } from "./field";
import { useTyped } from "./unread";

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
  const [typed, setTyped] = useTyped();
  const text = typed ?? (value instanceof BadText ? value.text : value === null ? "" : String(value));
  const readText = (from: string) => (integer ? readWhole(from) : readNumber(from));
  const read = typed === null ? value : readText(typed);
  const bad = read instanceof BadText ? read : null;
  const told = bad !== null && !control["aria-invalid"];
  const described = [control["aria-describedby"], told ? `${control.id}-unread` : ""].filter(Boolean).join(" ");
  return (
    <>
      <input
        {...control}
        {...(label ? { "aria-label": label } : {})}
        {...(bad ? { "aria-invalid": true } : {})}
        {...(described ? { "aria-describedby": described } : {})}
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
          const next = readText(event.target.value);
          if (next instanceof BadText) onBad?.(next);
          else onChange(next);
        }}
        onBlur={() => (onBad || !bad) && setTyped(null)}
      />
      {told && (
        <p id={`${control.id}-unread`} className="mt-1 text-sm text-danger-text">
          {bad.message}
        </p>
      )}
    </>
  );
}
