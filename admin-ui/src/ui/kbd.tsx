import type { ReactNode } from "react";

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd
      aria-hidden
      className="ms-1 rounded-sm max-sm:hidden pointer-coarse:hidden border border-current/40 px-1 font-sans text-xs"
    >
      {children}
    </kbd>
  );
}
