import type { KeyboardEvent, ReactNode } from "react";
import { cx } from "@/lib/cx";

export type RadioOption = { value: string; label: string; icon?: ReactNode };

type SegmentedProps = {
  label: string;
  value: string;
  options: RadioOption[];
  onChange: (value: string) => void;
};

/**
 * A few exclusive choices, all visible; one stop in the tab order, arrows choose. Choice and focus move within the event of
 * the key: what waits for a timer is undone by whoever lets the key go sooner.
 */
export function Segmented({ label, value, options, onChange }: SegmentedProps) {
  const chosen = Math.max(
    0,
    options.findIndex((option) => option.value === value),
  );
  function onKeyDown(event: KeyboardEvent<HTMLElement>, at: number) {
    // A choice answers to the space bar and to arrows.
    if (event.key === "Enter") event.preventDefault();
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const ahead = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const by = event.key === "ArrowDown" || event.key === ahead ? 1 : event.key.startsWith("Arrow") ? -1 : 0;
    const next = (at + by + options.length) % options.length;
    const option = options[next];
    if (by === 0 || !option) return;
    event.preventDefault();
    const radio = event.currentTarget.parentElement?.children.item(next);
    if (radio instanceof HTMLElement) radio.focus();
    onChange(option.value);
  }
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex flex-wrap gap-0.5 rounded-md border border-line bg-sunken p-0.5"
    >
      {options.map((option, at) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          value={option.value}
          aria-checked={value === option.value}
          tabIndex={at === chosen ? 0 : -1}
          onClick={() => value !== option.value && onChange(option.value)}
          onKeyDown={(event) => onKeyDown(event, at)}
          className={cx(
            "flex min-h-7 items-center gap-1.5 rounded-sm px-2.5 font-medium max-sm:gap-1 max-sm:px-1.5 max-sm:text-sm pointer-coarse:min-h-11",
            value === option.value
              ? "bg-raised text-ink shadow-[0_0_0_1px_var(--border-strong)]"
              : "text-ink-2 hover:text-ink",
          )}
        >
          {option.icon}
          {option.label}
        </button>
      ))}
    </div>
  );
}
