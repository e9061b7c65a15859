import type { ReactNode } from "react";
import { cx } from "@/lib/cx";
import type { ControlProps } from "./field";

type SwitchProps = {
  checked: boolean;
  onChange: (checked: boolean) => void;
  control?: ControlProps;
  label?: string;
  disabled?: boolean;
};

/** A button is all it takes; a table's first picture has one. */
export function Switch({ checked, onChange, control, label, disabled }: SwitchProps) {
  return (
    <button
      {...control}
      type="button"
      role="switch"
      aria-checked={checked}
      aria-label={label}
      disabled={disabled ?? false}
      onClick={() => onChange(!checked)}
      className={cx(
        "relative inline-flex h-5 w-9 shrink-0 items-center rounded-full border transition-colors disabled:opacity-60",
        checked ? "border-transparent bg-accent" : "border-line-strong bg-sunken",
      )}
    >
      <span
        className={cx(
          "block size-3.5 rounded-full transition-transform",
          checked ? "translate-x-[18px] bg-on-accent rtl:-translate-x-[18px]" : "translate-x-[2px] bg-ink-3",
        )}
      />
    </button>
  );
}

type SwitchRowProps = {
  label: string;
  help?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
};

/** One option that is on or off, with its meaning beside it. */
export function SwitchRow({ label, help, checked, onChange, disabled }: SwitchRowProps) {
  return (
    <label className="flex cursor-pointer items-start gap-2.5 py-1 pointer-coarse:min-h-11 pointer-coarse:items-center">
      <Switch checked={checked} onChange={onChange} label={label} {...(disabled ? { disabled } : {})} />
      <span className="min-w-0">
        <span className="block font-medium text-ink">{label}</span>
        {help && <span className="block text-sm text-ink-3">{help}</span>}
      </span>
    </label>
  );
}
