import { cx } from "@/lib/cx";

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx("late block h-3 rounded-sm bg-sunken", className)} />;
}

export function ProgressLine({ active }: { active: boolean }) {
  return (
    <div className="pointer-events-none absolute inset-x-0 top-0 z-10 h-0.5 overflow-hidden" aria-hidden>
      {active && <div className="progress-line late h-full w-1/3 bg-accent" />}
    </div>
  );
}
