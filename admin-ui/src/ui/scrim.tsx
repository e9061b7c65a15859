import { useLayoutEffect } from "react";
import { cx } from "@/lib/cx";

/**
 * What lies between a dialog and the page, which cannot be reached through it.
 *
 * Perf: the page itself never scrolls (`base.css`), so nothing has to be held still, and a dialog takes the pointer from the
 * body, which the page does not inherit. Either would have the style of every element worked out again.
 */
export function Scrim({ className }: { className: string }) {
  useLayoutEffect(() => {
    const root = document.getElementById("root");
    if (!root) return undefined;
    root.style.pointerEvents = "auto";
    return () => {
      root.style.pointerEvents = "";
    };
  }, []);
  return <div aria-hidden className={cx("pointer-events-auto fixed inset-0 touch-none bg-scrim", className)} />;
}
