import { useEffect, useEffectEvent } from "react";
import { prefs } from "@/components/prefs";

/** Where `g` and a letter lead. */
export const jumps: Record<string, string> = {
  o: "/overview",
  d: "/collections",
  e: "/diagram",
  a: "/access",
  h: "/hooks",
  l: "/logs",
  q: "/sql",
  j: "/jobs",
  s: "/settings/application",
};

type Shortcuts = {
  onPalette: () => void;
  onHelp: () => void;
  onTree: () => void;
  onGo: (to: string) => void;
};

const waitMs = 1200;

function types(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable=true]") !== null;
}

/** What on the page says that a key is its own: `aria-keyshortcuts` tells people and this. */
function own(key: string): HTMLElement | null {
  const found = [...document.querySelectorAll<HTMLElement>(`[aria-keyshortcuts="${CSS.escape(key)}"]`)];
  return found.find((element) => element.offsetParent !== null) ?? null;
}

/** Keys that work wherever nothing else wants them. Single letters can be switched off. */
export function useShortcuts({ onPalette, onHelp, onTree, onGo }: Shortcuts): void {
  const press = useEffectEvent((event: KeyboardEvent, pending: boolean): boolean => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      onPalette();
      return false;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return false;
    if (!prefs.get().keys || document.querySelector("[role=dialog], [role=alertdialog], [role=menu]")) return false;
    const to = pending ? jumps[event.key] : undefined;
    const target = own(event.key);
    if (to) onGo(to);
    else if (event.key === "?") onHelp();
    else if (event.key === "[") onTree();
    else if (target instanceof HTMLInputElement) target.focus();
    else if (target) target.click();
    else return event.key === "g";
    event.preventDefault();
    return false;
  });
  // The keyboard belongs to the whole page.
  useEffect(() => {
    let at = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      at = press(event, Date.now() - at < waitMs) ? Date.now() : 0;
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
