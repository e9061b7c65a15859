import { X } from "lucide-react";
import { AlertDialog, Dialog } from "radix-ui";
import { useRef, useState, type ReactNode } from "react";
import { cx } from "@/lib/cx";
import { IconButton } from "./button";
import { Scrim } from "./scrim";

const widths = { sm: "max-w-[400px]", md: "max-w-[560px]", lg: "max-w-[800px]" } as const;
const panel =
  "enter outline-none fixed left-1/2 top-[8vh] z-40 flex max-h-[84vh] w-[calc(100vw-24px)] -translate-x-1/2 flex-col rounded-lg bg-raised shadow-float";

/** Where the focus goes back to. A menu that is about to close stands for its button. */
function openerNow(): HTMLElement | null {
  const active = document.activeElement;
  const menu = active?.closest("[role=menu]");
  const button = menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : active;
  return button instanceof HTMLElement ? button : null;
}

function giveBack(event: Event, opener: HTMLElement | null) {
  event.preventDefault();
  // What the dialog led to may have taken the focus.
  const { activeElement } = document;
  if (activeElement && activeElement !== document.body && activeElement.closest("[role$=dialog]") === null) return;
  const target = opener?.isConnected ? opener : document.getElementById("content");
  target?.focus({ preventScroll: true });
}

type ModalProps = {
  title: string;
  description?: ReactNode;
  width?: keyof typeof widths;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  /** Only to be read: the keyboard scrolls it. */
  text?: boolean;
};

export function Modal({ title, description, width = "md", onClose, children, footer, text }: ModalProps) {
  const [opener] = useState(openerNow);
  /** Something was entered: a click beside it is no way to say that it may go. */
  const entered = useRef(false);
  const enters = (target: EventTarget, what: string) => {
    if (target instanceof Element && target.closest(what)) entered.current = true;
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Scrim className="z-40" />
        <Dialog.Content
          className={cx(panel, widths[width])}
          onInput={(event) => enters(event.target, "input:not([type=search]), textarea, select")}
          onClick={(event) => enters(event.target, "[role=switch], [role=checkbox], [role=radio]")}
          onInteractOutside={(event) => entered.current && event.preventDefault()}
          {...(description ? {} : { "aria-describedby": undefined })}
          onCloseAutoFocus={(event) => giveBack(event, opener)}
          // Work starts in the first text box, not on the button that closes; without one the dialog itself is read.
          onOpenAutoFocus={(event) => {
            const box = event.currentTarget;
            if (!(box instanceof HTMLElement)) return;
            event.preventDefault();
            const first = box.querySelector<HTMLElement>("[data-body] :is(input:not([type=file]), textarea, select)");
            (first ?? box).focus();
          }}
        >
          <header className="flex items-start gap-2 px-5 pt-4 pb-2">
            <div className="min-w-0 flex-1">
              <Dialog.Title className="text-lg font-semibold wrap-anywhere">{title}</Dialog.Title>
              {description && (
                <Dialog.Description className="mt-0.5 wrap-anywhere text-ink-2">{description}</Dialog.Description>
              )}
            </div>
            <IconButton label="Close" onClick={onClose} className="-me-2">
              <X size={16} />
            </IconButton>
          </header>
          <div
            data-body
            className="min-h-0 flex-1 overflow-y-auto px-5 py-2 -outline-offset-2"
            tabIndex={text ? 0 : -1}
          >
            {children}
          </div>
          {footer && (
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</footer>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type AlertProps = { title: string; onCancel: () => void; children: ReactNode; footer: ReactNode };

/** A question that must be answered; its first focus is on the safe answer. */
export function Alert({ title, onCancel, children, footer }: AlertProps) {
  const [opener] = useState(openerNow);
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onCancel()}>
      <AlertDialog.Portal>
        <Scrim className="z-40" />
        <AlertDialog.Content className={cx(panel, widths.sm)} onCloseAutoFocus={(event) => giveBack(event, opener)}>
          <AlertDialog.Title className="px-5 pt-5 text-lg font-semibold wrap-anywhere">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="space-y-3 overflow-y-auto px-5 py-2 wrap-anywhere text-ink-2">{children}</div>
          </AlertDialog.Description>
          <footer className="mt-2 flex flex-wrap justify-end gap-2 px-5 pb-4">{footer}</footer>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

export const AlertCancel = AlertDialog.Cancel;
