import { cloneElement, Suspense, useState, type KeyboardEvent, type MouseEvent, type ReactElement } from "react";
import { lazyPart } from "./lazy-part";
import type { MenuItem } from "./menu-list";

const load = () => import("./menu-list");
const MenuList = lazyPart(
  load,
  (m) => m.default,
  ({ trigger }) => trigger,
);

/** Fetches what menus are made of while nobody waits for it. */
export function preloadMenus(): void {
  void load().catch(() => undefined);
}

type TriggerProps = {
  "aria-haspopup"?: "menu";
  "aria-expanded"?: boolean;
  "data-state"?: "closed";
  onClick?: (event: MouseEvent) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
};

type MenuProps = {
  trigger: ReactElement<TriggerProps>;
  /** A function where there are dozens of menus and few are opened. */
  items: MenuItem[] | (() => MenuItem[]);
  align?: "start" | "end";
  /** What it is about, where it may come to be about something else. */
  subject?: string;
};

/** Only a button until it is asked for: what floats is neither loaded nor drawn before. */
export function Menu({ trigger, items, align = "end", subject = "" }: MenuProps) {
  const [asked, setAsked] = useState<{ subject: string; byKeys: boolean } | null>(null);
  const closed = cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    "data-state": "closed",
    // A click that keys made has no count.
    onClick: (event) => setAsked({ subject, byKeys: event.detail === 0 }),
    onKeyDown: (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      event.stopPropagation();
      setAsked({ subject, byKeys: true });
    },
  });
  if (asked && asked.subject !== subject) setAsked(null);
  if (asked?.subject !== subject) return closed;
  return (
    <Suspense fallback={closed}>
      <MenuList
        trigger={trigger}
        items={typeof items === "function" ? items() : items}
        align={align}
        toFirst={asked.byKeys}
      />
    </Suspense>
  );
}
