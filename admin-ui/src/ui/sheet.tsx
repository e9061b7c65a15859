import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { Scrim } from "./scrim";

type SheetProps = { label: string; onClose: () => void; children: ReactNode };

/** A full-height panel from the right that covers the page; for narrow screens. */
export function Sheet({ label, onClose, children }: SheetProps) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Scrim className="z-30" />
        <Dialog.Content
          aria-describedby={undefined}
          className="enter-side fixed inset-y-0 end-0 z-30 flex w-full max-w-[560px] flex-col bg-bg shadow-float outline-none"
          // The panel itself takes the focus, not the first button in it.
          onOpenAutoFocus={(event) => {
            if (!(event.currentTarget instanceof HTMLElement)) return;
            event.preventDefault();
            if (!event.currentTarget.contains(document.activeElement)) event.currentTarget.focus();
          }}
          onPointerDownOutside={(event) => event.preventDefault()}
          onInteractOutside={(event) => event.preventDefault()}
        >
          <Dialog.Title className="sr-only">{label}</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** The same from the left, for navigation. */
export function Drawer({
  label,
  open,
  onOpenChange,
  children,
}: {
  label: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
}) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Scrim className="z-30" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 start-0 z-30 flex w-[min(300px,86vw)] flex-col bg-canvas shadow-float"
        >
          <Dialog.Title className="sr-only">{label}</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
