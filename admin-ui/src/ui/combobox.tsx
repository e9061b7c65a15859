import { Check, ChevronDown } from "lucide-react";
import { Popover } from "radix-ui";
import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { cx } from "@/lib/cx";
import type { ControlProps } from "./field";

export type Option = { value: string; label: string; detail?: ReactNode; icon?: ReactNode; blocked?: string };

type ComboboxProps = {
  control?: ControlProps;
  label?: string;
  options: Option[];
  selected: string[];
  onPick: (value: string) => void;
  /** Shown in the input while it is not being typed into. */
  display?: string;
  placeholder?: string;
  busy?: boolean;
  empty?: ReactNode;
  footer?: ReactNode;
  /** With it the caller filters (e.g. by asking the server); without it options are filtered here. */
  onSearch?: (text: string) => void;
  onOpenChange?: (open: boolean) => void;
  keepOpen?: boolean;
  /** Stands before the arrow, e.g. a button that empties the choice. */
  trailing?: ReactNode;
};

/** A text box with a list of choices, after the ARIA combobox pattern: the focus never leaves the text box. */
export function Combobox(props: ComboboxProps) {
  const {
    control,
    label,
    options,
    selected,
    onPick,
    display = "",
    placeholder,
    busy,
    empty,
    footer,
    onSearch,
    onOpenChange,
    keepOpen,
    trailing,
  } = props;
  const listId = useId();
  const [open, setOpenState] = useState(false);
  const [text, setText] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const query = (text ?? "").toLowerCase();
  const shown =
    onSearch || query === "" ? options : options.filter((option) => option.label.toLowerCase().includes(query));
  const index = Math.min(active, shown.length - 1);

  function setOpen(next: boolean) {
    if (next === open) return;
    setOpenState(next);
    onOpenChange?.(next);
    if (!next) {
      setText(null);
      onSearch?.("");
    }
  }
  function type(next: string) {
    setText(next);
    setActive(0);
    onSearch?.(next);
    setOpen(true);
  }
  function pick(option: Option | undefined) {
    if (!option || option.blocked) return;
    onPick(option.value);
    setText(null);
    onSearch?.("");
    if (!keepOpen) setOpen(false);
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) setOpen(true);
      else setActive((index + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % Math.max(shown.length, 1));
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      pick(shown[index]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    }
  }

  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Anchor asChild>
        <div className="relative">
          <input
            {...control}
            aria-label={label}
            role="combobox"
            aria-expanded={open}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={open && index >= 0 ? `${listId}-${index}` : undefined}
            autoComplete="off"
            spellCheck={false}
            className={cx("control text-ellipsis", trailing ? "!pe-20" : "!pe-8")}
            placeholder={placeholder}
            value={text ?? display}
            onChange={(event) => type(event.target.value)}
            onClick={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={onKeyDown}
          />
          {trailing && <span className="absolute inset-y-0 end-8 flex items-center">{trailing}</span>}
          <ChevronDown
            size={16}
            aria-hidden
            className="pointer-events-none absolute end-2.5 top-1/2 -translate-y-1/2 text-ink-3"
          />
        </div>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => event.preventDefault()}
          // Pressing inside the list must not take the focus from the text box.
          onMouseDown={(event) => event.preventDefault()}
          role="presentation"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="enter z-50 w-[max(var(--radix-popover-trigger-width),200px)] max-w-[calc(100vw-16px)] overflow-hidden rounded-md bg-raised shadow-float"
        >
          <ul
            id={listId}
            role="listbox"
            aria-label={label ?? "Choices"}
            aria-busy={busy}
            className="max-h-64 overflow-y-auto p-1"
          >
            {shown.map((option, at) => (
              <Row
                key={option.value}
                id={`${listId}-${at}`}
                option={option}
                active={at === index}
                chosen={selected.includes(option.value)}
                onPick={() => pick(option)}
                onHover={() => setActive(at)}
              />
            ))}
          </ul>
          {shown.length === 0 && (
            <p className="px-3 pb-3 text-ink-3">{busy ? "Searching…" : (empty ?? "Nothing matches.")}</p>
          )}
          {footer}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

type RowProps = {
  id: string;
  option: Option;
  active: boolean;
  chosen: boolean;
  onPick: () => void;
  onHover: () => void;
};

function Row({ id, option, active, chosen, onPick, onHover }: RowProps) {
  return (
    <li
      id={id}
      role="option"
      aria-selected={chosen}
      data-active={active}
      aria-disabled={option.blocked ? true : undefined}
      title={option.blocked}
      onClick={onPick}
      onMouseMove={onHover}
      ref={(node) => {
        if (active) node?.scrollIntoView({ block: "nearest" });
      }}
      className={cx(
        "flex min-h-8 cursor-pointer items-center gap-2 rounded-sm px-2 aria-disabled:text-ink-3 pointer-coarse:min-h-11",
        active && "bg-hover",
      )}
    >
      {option.icon}
      <span className="min-w-0 truncate">{option.label}</span>
      {option.detail && <span className="ms-auto truncate text-sm text-ink-3">{option.detail}</span>}
      {chosen && (
        <Check size={14} aria-hidden className={cx("shrink-0 text-accent-text", !option.detail && "ms-auto")} />
      )}
    </li>
  );
}
