import { RadioGroup } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";

export type RadioOption = { value: string; label: string; icon?: ReactNode };

/** A few exclusive choices, all visible. */
export function Segmented({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: RadioOption[];
  onChange: (value: string) => void;
}) {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      onValueChange={onChange}
      className="inline-flex flex-wrap gap-0.5 rounded-md border border-line bg-sunken p-0.5"
    >
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          className={cx(
            "flex min-h-7 items-center gap-1.5 rounded-sm px-2.5 font-medium max-sm:gap-1 max-sm:px-1.5 max-sm:text-sm pointer-coarse:min-h-11",
            value === option.value
              ? "bg-raised text-ink shadow-[0_0_0_1px_var(--border-strong)]"
              : "text-ink-2 hover:text-ink",
          )}
        >
          {option.icon}
          {option.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
