import { Filter, X } from "lucide-react";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import { cx } from "@/lib/cx";
import { complete, type Known } from "@/lib/expr/complete";
import type { Problem } from "@/lib/expr/diagnose";
import { localZone } from "@/lib/dates";
import { apart, meant } from "@/lib/expr/zone";
import { Button, IconButton } from "@/ui/button";
import { useStore } from "@/ui/use-store";
import { prefs } from "./prefs";

type FilterBarProps = {
  label?: string;
  placeholder?: string;
  /** What is applied now. */
  value: string;
  fields: Known[];
  onApply: (text: string) => void;
  /** Why the applied filter did not work. */
  problem: Problem | null;
};

/** One line for a plain word or an expression, with completion. Applied by Enter, so half a thought never empties the table. */
export function FilterBar({ value, fields, onApply, problem, label, placeholder }: FilterBarProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [applied, setApplied] = useState(value);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  if (applied !== value) {
    setApplied(value);
    setText(value);
  }
  const { zone } = useStore(prefs);
  const found = complete(text, caret, fields, { zone, name: localZone() });
  const options = open ? found.options : [];

  function apply(next: string) {
    setOpen(false);
    onApply(next.trim());
  }
  function accept(index: number) {
    const option = options[index];
    if (!option) return;
    const next = text.slice(0, found.from) + option.insert + text.slice(found.to);
    const at = found.from + option.insert.length;
    // The caret has to stand behind the inserted word before the next key arrives.
    flushSync(() => {
      setText(next);
      setCaret(at);
      setActive(-1);
      setOpen(false);
    });
    input.current?.setSelectionRange(at, at);
  }
  function onKeyDown(event: KeyboardEvent) {
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.options.length > 0) {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((now) => (now + step + found.options.length + (now < 0 && step < 0 ? 1 : 0)) % found.options.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (active >= 0 && options[active]) accept(active);
      else apply(text);
    } else if (event.key === "Tab" && active >= 0 && options[active]) {
      event.preventDefault();
      accept(active);
    } else if (event.key === "Escape") {
      if (open && options.length > 0) setOpen(false);
      else setText(value);
    }
  }
  const changed = text.trim() !== value;
  return (
    <div className="relative min-w-0 flex-1 basis-48 max-sm:basis-full">
      <div className={cx("control flex items-center gap-1.5 !py-0 !pe-1", problem && "!border-danger")}>
        <Filter size={14} aria-hidden className="shrink-0 text-ink-3" />
        <input
          ref={input}
          role="combobox"
          aria-keyshortcuts="/"
          aria-label={label ?? "Filter records"}
          aria-expanded={options.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={active >= 0 && options[active] ? `${id}-${active}` : undefined}
          {...(problem ? { "aria-invalid": true, "aria-describedby": `${id}-problem` } : {})}
          autoComplete="off"
          spellCheck={false}
          className="h-[1.875rem] min-w-0 flex-1 bg-transparent font-mono text-code outline-none placeholder:font-sans placeholder:text-base"
          placeholder={placeholder ?? 'Search, or filter like status = "draft"'}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setCaret(event.target.selectionStart ?? event.target.value.length);
            setActive(-1);
            setOpen(true);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
        {changed && text.trim() !== "" && (
          <Button size="sm" tone="primary" className="!min-h-6" onClick={() => apply(text)} aria-label="Apply filter">
            Apply
          </Button>
        )}
        {(value !== "" || text !== "") && (
          <IconButton
            label="Clear filter"
            small
            onClick={() => {
              setText("");
              apply("");
              input.current?.focus();
            }}
          >
            <X size={14} />
          </IconButton>
        )}
      </div>
      {options.length > 0 && (
        <ul
          id={`${id}-list`}
          role="listbox"
          aria-label="Suggestions"
          className="enter absolute inset-x-0 top-full z-40 mt-1 max-h-64 max-w-md overflow-y-auto rounded-md bg-raised p-1 shadow-float"
        >
          {options.map((option, index) => (
            <li
              key={option.label}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
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
              {option.label}
              <span className="font-sans text-sm text-ink-3">{option.detail}</span>
            </li>
          ))}
        </ul>
      )}
      {problem ? (
        <ProblemLine id={`${id}-problem`} text={value} problem={problem} onFix={(fixed) => apply(fixed)} />
      ) : (
        <ZoneLine text={value} fields={fields} onFix={(fixed) => apply(fixed)} />
      )}
    </div>
  );
}

type ProblemLineProps = { id: string; text: string; problem: Problem; onFix: (text: string) => void };

/** What is wrong, and where: the place is marked in a copy of the text. */
function ProblemLine({ id, text, problem, onFix }: ProblemLineProps) {
  const { from, to, message, fix } = problem;
  return (
    <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
      <p id={id} role="alert" className="text-danger-text">
        Filter: {message}
      </p>
      {to > from && (
        <code className="max-w-full truncate font-mono text-ink-2">
          {text.slice(Math.max(0, from - 30), from)}
          <mark>{text.slice(from, to)}</mark>
          {text.slice(to, to + 30)}
        </code>
      )}
      {fix !== undefined && (
        <Button size="sm" className="!min-h-6" onClick={() => onFix(text.slice(0, from) + fix + text.slice(to))}>
          Use {fix}
        </Button>
      )}
    </div>
  );
}

type ZoneLineProps = { text: string; fields: Known[]; onFix: (text: string) => void };

/** A filter is the server's, whose dates are in UTC, also where those below are shown in another zone. */
function ZoneLine({ text, fields, onFix }: ZoneLineProps) {
  const { zone } = useStore(prefs);
  const found = apart(text, fields, zone);
  if (!found) return null;
  return (
    <div
      role="note"
      aria-label="Zone of the filter"
      className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-2"
    >
      <span>
        Filters are in UTC: {found.text} there is shown as {found.shown}.
      </span>
      <Button size="sm" className="!min-h-6" onClick={() => onFix(meant(text, fields, zone))}>
        Use {localZone()}
      </Button>
    </div>
  );
}
