import { useRef, useState, type KeyboardEvent } from "react";
import type { Field, RecordRow } from "@/api/types";
import { prefs } from "@/components/prefs";
import { toast } from "@/components/toasts";
import { toText } from "@/lib/assert";
import { formatTyped, parseTyped, parseWire, toWire } from "@/lib/dates";
import { cx } from "@/lib/cx";
import { BadText, badDate, readNumber } from "@/lib/typed";
import { useStore } from "@/ui/use-store";

export type Move = "stay" | "down" | "next" | "previous";

type CellEditorProps = {
  field: Field;
  row: RecordRow;
  /** What was typed to start; `null` keeps the value. */
  start: string | null;
  onCommit: (value: unknown) => void;
  /** `null` when the focus is somewhere else already. */
  onDone: (move: Move | null) => void;
};

export function CellEditor({ field, row, start, onCommit, onDone }: CellEditorProps) {
  // Whoever ends it moves the focus, and that is no second end.
  const over = useRef(false);
  const { zone } = useStore(prefs);
  const value = row[field.name];
  const date = field.type === "date" ? parseWire(toText(value)) : null;
  const [text, setText] = useState(start ?? (date ? formatTyped(date, zone) : toText(value)));
  const [wrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  /** Why the text can't be read, if it can't. */
  function commit(): BadText | null {
    if (field.type === "date") {
      const read = text.trim() === "" ? null : parseTyped(text, zone);
      if (text.trim() !== "" && !read) return badDate(text);
      const same = date !== null && text === formatTyped(date, zone);
      if (!same) onCommit(read ? toWire(read) : "");
      return null;
    }
    const read = field.type === "number" ? readNumber(text) : text;
    if (read instanceof BadText) return read;
    onCommit(read ?? 0);
    return null;
  }
  /** The editor stays open, and the browser says why beside it. */
  function tell({ message }: BadText) {
    setWrong(true);
    input.current?.setCustomValidity(message);
    input.current?.reportValidity();
  }
  function end(move: Move | null) {
    if (over.current) return;
    over.current = true;
    onDone(move);
  }
  function finish(move: Move) {
    const bad = commit();
    if (bad) tell(bad);
    else end(move);
  }
  function onKeyDown(event: KeyboardEvent) {
    const mod = event.ctrlKey || event.metaKey;
    if (event.key === "Escape") {
      event.preventDefault();
      end("stay");
    } else if (event.key === "Enter") {
      event.preventDefault();
      finish("down");
    } else if (event.key === "Tab") {
      event.preventDefault();
      finish(event.shiftKey ? "previous" : "next");
    } else if (mod && event.key === "s") {
      const bad = commit();
      if (bad) tell(bad);
      else end("stay");
      return;
    }
    event.stopPropagation();
  }
  const label = `${field.name} of this record`;
  if (field.type === "select") {
    return (
      <select
        aria-label={label}
        autoFocus
        className="h-full w-full bg-bg px-1 outline-2 -outline-offset-2 outline-focus"
        value={toText(value)}
        onChange={(event) => {
          onCommit(event.target.value);
          end("stay");
        }}
        onBlur={() => end(null)}
        onKeyDown={onKeyDown}
      >
        <option value="">—</option>
        {field.values.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    );
  }
  return (
    <input
      ref={input}
      aria-label={label}
      {...(wrong ? { "aria-invalid": true } : {})}
      autoFocus
      autoComplete="off"
      spellCheck={false}
      inputMode={field.type === "number" ? "decimal" : undefined}
      onFocus={(event) => {
        if (start === null) event.currentTarget.select();
      }}
      className={cx(
        "h-full w-full min-w-0 bg-bg px-1.5 outline-2 -outline-offset-2",
        wrong ? "outline-danger" : "outline-focus",
        field.type === "number" && "tnum text-end",
      )}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        setWrong(false);
        event.target.setCustomValidity("");
      }}
      onBlur={() => {
        if (over.current) return;
        const bad = commit();
        if (bad) toast(`${field.name} keeps its value: ${bad.message}`, "danger");
        end(null);
      }}
      onKeyDown={onKeyDown}
    />
  );
}
