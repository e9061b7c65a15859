import { Check, Minus } from "lucide-react";
import { cx } from "@/lib/cx";

type CheckboxProps = {
  label: string;
  checked: boolean | "indeterminate";
  onChange: (checked: boolean) => void;
  tabIndex?: number;
  /** Its place, where it is the cell of a grid. */
  cell?: string;
  onFocus?: () => void;
};

/** One element and an icon: a table has dozens of them. */
export function Checkbox({ label, checked, onChange, tabIndex, cell, onFocus }: CheckboxProps) {
  return (
    <button
      type="button"
      role="checkbox"
      aria-label={label}
      aria-checked={checked === "indeterminate" ? "mixed" : checked}
      tabIndex={tabIndex}
      data-cell={cell}
      onFocus={onFocus}
      onClick={() => onChange(checked !== true)}
      onKeyDown={(event) => {
        // A checkbox answers to the space bar alone.
        if (event.key === "Enter") event.preventDefault();
      }}
      className={cx(
        "flex size-4 shrink-0 items-center justify-center rounded-sm border",
        checked ? "border-transparent bg-accent text-on-accent" : "border-line-strong bg-bg",
      )}
    >
      {checked === "indeterminate" ? <Minus size={12} /> : checked && <Check size={12} strokeWidth={3} />}
    </button>
  );
}
