import { useId, useRef, useState, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import { cx } from "@/lib/cx";
import type { Completions } from "@/lib/expr/complete";
import type { ControlProps } from "@/ui/field";

type CodeAreaProps = {
  control?: ControlProps;
  label?: string;
  value: string;
  onChange: (value: string) => void;
  complete: (text: string, caret: number) => Completions;
  onCaret?: (from: number, to: number) => void;
  onKey?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  rows?: number;
  placeholder?: string;
  className?: string;
};

/** A text box for expressions with suggestions below it. Enter makes a line, unless a suggestion has been chosen. */
export function CodeArea(props: CodeAreaProps) {
  const { control, label, value, onChange, complete, onCaret, onKey, rows = 1, placeholder, className } = props;
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
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
      setOpen(false);
    });
    area.current?.setSelectionRange(at, at);
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    const moves = options.length > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp");
    if (moves && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((now) => (now < 0 && step < 0 ? options.length - 1 : (now + step + options.length) % options.length));
    } else if ((event.key === "Enter" || event.key === "Tab") && active >= 0 && options[active]) {
      event.preventDefault();
      accept(active);
    } else if (event.key === "Escape" && options.length > 0) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    } else if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      setOpen(true);
    } else {
      // A command to the page is the end of a word.
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) setOpen(false);
      onKey?.(event);
    }
  }
  return (
    <div className="relative">
      <textarea
        {...control}
        ref={area}
        aria-label={label}
        aria-autocomplete="list"
        aria-controls={options.length > 0 ? `${id}-list` : undefined}
        aria-activedescendant={active >= 0 && options[active] ? `${id}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        rows={rows}
        placeholder={placeholder}
        className={cx("control font-mono text-code", className)}
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
          setCaret(event.target.selectionStart);
          setActive(-1);
          setOpen(true);
        }}
        onSelect={(event) => {
          const { selectionStart, selectionEnd } = event.currentTarget;
          setCaret(selectionStart);
          onCaret?.(selectionStart, selectionEnd);
        }}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {options.length > 0 && (
        <ul
          id={`${id}-list`}
          role="listbox"
          aria-label="Suggestions"
          className="enter absolute start-0 top-full z-40 mt-1 max-h-56 w-[min(28rem,100%)] overflow-y-auto rounded-md bg-raised p-1 shadow-float"
        >
          {options.map((option, index) => (
            <li
              key={option.label}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              ref={(node) => {
                if (index === active) node?.scrollIntoView({ block: "nearest" });
              }}
              // Pressing must not take the focus from the text box.
              onMouseDown={(event) => {
                event.preventDefault();
                accept(index);
              }}
              className={cx(
                "flex min-h-7 cursor-pointer items-center justify-between gap-3 rounded-sm px-2 font-mono text-code",
                index === active ? "bg-selected" : "hover:bg-hover",
              )}
            >
              <span className="truncate">{option.label}</span>
              <span className="font-sans text-sm text-ink-3">{option.detail}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
