import { useId, useState, type CSSProperties, type KeyboardEvent, type RefObject } from "react";
import { flushSync } from "react-dom";
import { cx } from "@/lib/cx";
import type { Completions } from "@/lib/expr/complete";

type UseSuggestions = {
  area: RefObject<HTMLTextAreaElement | null>;
  value: string;
  onChange: (value: string) => void;
  complete: (text: string, caret: number) => Completions;
};

/** What could stand at the caret of a text box, and the keys that choose it. */
export function useSuggestions({ area, value, onChange, complete }: UseSuggestions) {
  const id = useId();
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const found = open ? complete(value, caret) : { from: 0, to: 0, options: [] };
  const { options } = found;

  function accept(index: number) {
    const option = options[index];
    if (!option) return;
    const at = found.from + option.insert.length;
    // The caret has to stand behind the inserted word before the next key arrives.
    flushSync(() => {
      onChange(value.slice(0, found.from) + option.insert + value.slice(found.to));
      setCaret(at);
      setActive(-1);
      // The name of a collection is only the beginning.
      setOpen(option.insert.endsWith("."));
    });
    area.current?.setSelectionRange(at, at);
  }
  /** Says whether the key was for the suggestions. */
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): boolean {
    const command = event.ctrlKey || event.metaKey;
    const moves = options.length > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp") && !command;
    if (moves) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((now) => (now < 0 && step < 0 ? options.length - 1 : (now + step + options.length) % options.length));
    } else if ((event.key === "Enter" || event.key === "Tab") && active >= 0 && options[active] && !command) {
      accept(active);
    } else if (event.key === "Escape" && options.length > 0) {
      event.stopPropagation();
      setOpen(false);
    } else if (event.key === " " && event.ctrlKey) {
      setOpen(true);
    } else {
      // A command to the page is the end of a word.
      if (event.key === "Enter" && command) setOpen(false);
      return false;
    }
    event.preventDefault();
    return true;
  }
  return {
    id,
    caret,
    options,
    active,
    from: found.from,
    accept,
    onKeyDown,
    close: () => setOpen(false),
    moved: setCaret,
    typed: (next: string, at: number) => {
      onChange(next);
      setCaret(at);
      setActive(-1);
      setOpen(true);
    },
    /** For the text box: which suggestion is meant. */
    aria: {
      "aria-autocomplete": "list" as const,
      "aria-controls": options.length > 0 ? `${id}-list` : undefined,
      "aria-activedescendant": active >= 0 && options[active] ? `${id}-${active}` : undefined,
    },
  };
}

type ListProps = { of: ReturnType<typeof useSuggestions>; className?: string; style?: CSSProperties };

export function SuggestionList({ of, className, style }: ListProps) {
  if (of.options.length === 0) return null;
  return (
    <ul
      id={`${of.id}-list`}
      role="listbox"
      aria-label="Suggestions"
      style={style}
      className={cx(
        "enter absolute z-40 max-h-56 overflow-y-auto rounded-md bg-raised p-1 shadow-float",
        className ?? "start-0 top-full mt-1 w-[min(28rem,100%)]",
      )}
    >
      {of.options.map((option, index) => (
        <li
          key={option.label}
          id={`${of.id}-${index}`}
          role="option"
          aria-selected={index === of.active}
          ref={(node) => {
            if (index === of.active) node?.scrollIntoView({ block: "nearest" });
          }}
          // Pressing must not take the focus from the text box.
          onMouseDown={(event) => {
            event.preventDefault();
            of.accept(index);
          }}
          className={cx(
            "flex min-h-7 cursor-pointer items-center justify-between gap-3 rounded-sm px-2 font-mono text-code",
            index === of.active ? "bg-selected" : "hover:bg-hover",
          )}
        >
          <span className="truncate">{option.label}</span>
          <span className="truncate font-sans text-sm text-ink-3">{option.detail}</span>
        </li>
      ))}
    </ul>
  );
}
