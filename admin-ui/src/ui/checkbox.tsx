import { Check, Minus } from "lucide-react";
import { Checkbox as Radix } from "radix-ui";
import { cx } from "@/lib/cx";

type CheckboxProps = {
  label: string;
  checked: boolean | "indeterminate";
  onChange: (checked: boolean) => void;
  tabIndex?: number;
};

export function Checkbox({ label, checked, onChange, tabIndex }: CheckboxProps) {
  return (
    <Radix.Root
      aria-label={label}
      checked={checked}
      tabIndex={tabIndex}
      onCheckedChange={(next) => onChange(next === true)}
      className={cx(
        "flex size-4 shrink-0 items-center justify-center rounded-sm border",
        checked ? "border-transparent bg-accent text-on-accent" : "border-line-strong bg-bg",
      )}
    >
      <Radix.Indicator>
        {checked === "indeterminate" ? <Minus size={12} /> : <Check size={12} strokeWidth={3} />}
      </Radix.Indicator>
    </Radix.Root>
  );
}
