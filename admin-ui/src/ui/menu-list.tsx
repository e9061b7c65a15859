import { DropdownMenu } from "radix-ui";
import { useRef, type ReactElement, type ReactNode } from "react";
import { cx } from "@/lib/cx";

export type MenuItem =
  | { kind?: "item"; label: string; icon?: ReactNode; danger?: boolean; blocked?: string | undefined; run: () => void }
  | { kind: "radio"; label: string; icon?: ReactNode; checked: boolean; run: () => void }
  | { kind: "separator"; label: string }
  | { kind: "heading"; label: string };

type MenuListProps = { trigger: ReactElement; items: MenuItem[]; align: "start" | "end"; toFirst: boolean };

/** The menu itself, open from the start. Loaded when the first one is asked for. */
export default function MenuList({ trigger, items, align, toFirst }: MenuListProps) {
  const opened = useRef(false);
  // The keys that opened it came before it was there; from the second time on it sees them itself.
  function first(content: HTMLElement | null) {
    if (!content || opened.current) return;
    opened.current = true;
    if (!toFirst) return;
    requestAnimationFrame(() =>
      content.querySelector<HTMLElement>("[role^=menuitem]:not([data-disabled])")?.focus({ preventScroll: true }),
    );
  }
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          ref={first}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="enter z-50 min-w-44 rounded-md bg-raised p-1 shadow-float"
        >
          {items.map((item) => (
            <Entry key={`${item.kind ?? "item"} ${item.label}`} item={item} />
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const row =
  "flex min-h-7 cursor-pointer select-none items-center gap-2 rounded-sm px-2 outline-none data-[highlighted]:bg-hover data-[disabled]:text-ink-3 pointer-coarse:min-h-11";

function Entry({ item }: { item: MenuItem }) {
  if (item.kind === "separator") return <DropdownMenu.Separator className="my-1 border-t border-line" />;
  if (item.kind === "heading") {
    return (
      <DropdownMenu.Label className="px-2 pt-1 pb-0.5 text-xs font-medium text-ink-3">{item.label}</DropdownMenu.Label>
    );
  }
  if (item.kind === "radio") {
    return (
      <DropdownMenu.CheckboxItem checked={item.checked} onSelect={item.run} className={row}>
        <span className="w-4 text-accent-text" aria-hidden>
          {item.checked ? "✓" : ""}
        </span>
        {item.icon}
        {item.label}
      </DropdownMenu.CheckboxItem>
    );
  }
  return (
    <DropdownMenu.Item
      onSelect={item.run}
      disabled={Boolean(item.blocked)}
      title={item.blocked}
      className={cx(row, item.danger && "text-danger-text")}
    >
      {item.icon && <span className="text-ink-3 [.text-danger-text>&]:text-danger-text">{item.icon}</span>}
      {item.label}
    </DropdownMenu.Item>
  );
}
