import { Popover } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";

type FloatProps = {
  trigger: ReactNode;
  label: string;
  children: ReactNode;
  className?: string;
  /** Open from the start: it was asked for before it was there. */
  startOpen?: boolean;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
};

export function Float({ trigger, label, children, className, startOpen, ...state }: FloatProps) {
  return (
    <Popover.Root {...(startOpen ? { defaultOpen: true } : {})} {...state}>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={label}
          // A popover may say where its work starts.
          onOpenAutoFocus={(event) => {
            const start =
              event.currentTarget instanceof HTMLElement && event.currentTarget.querySelector("[data-start]");
            if (!(start instanceof HTMLElement)) return;
            event.preventDefault();
            start.focus();
          }}
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className={cx("enter z-50 max-h-[70vh] overflow-auto rounded-md bg-raised shadow-float", className)}
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
