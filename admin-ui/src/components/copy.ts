import { toast } from "./toasts";

/** The clipboard may be refused, e.g. outside a secure context; then the text is offered in the message instead. */
export function copyText(what: string, text: string): void {
  const clipboard: Clipboard | undefined = navigator.clipboard;
  if (!clipboard) {
    toast(`Copying needs a secure connection. ${what}: ${text.slice(0, 200)}`, "danger");
    return;
  }
  clipboard.writeText(text).then(
    () => toast(`${what} copied`),
    () => toast(`The browser refused to copy. ${what}: ${text.slice(0, 200)}`, "danger"),
  );
}
