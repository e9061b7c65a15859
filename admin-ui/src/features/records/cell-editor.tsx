import { useRef, useState, type KeyboardEvent } from "react";
import type { Field, RecordRow } from "@/api/types";
import { prefs } from "@/components/prefs";
import { toast } from "@/components/toasts";
import { toText } from "@/lib/assert";
import { formatTyped, parseTyped, parseWire, toWire } from "@/lib/dates";
import { cx } from "@/lib/cx";
import { useStore } from "@/ui/use-store";
import { fromText } from "./staged";

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

  /** `false` when the text can't be read; then the editor stays open. */
  function commit(): boolean {
    if (field.type === "date") {
      const read = text.trim() === "" ? null : parseTyped(text, zone);
      if (text.trim() !== "" && !read) return false;
      const same = date !== null && text === formatTyped(date, zone);
      if (!same) onCommit(read ? toWire(read) : "");
      return true;
    }
    const read = fromText(field.type, text);
    if (read === undefined) return false;
    onCommit(read);
    return true;
  }
  function end(move: Move | null) {
    if (over.current) return;
    over.current = true;
    onDone(move);
  }
  function finish(move: Move) {
    if (commit()) end(move);
    else setWrong(true);
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
      if (!commit()) setWrong(true);
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
      aria-label={label}
      {...(wrong ? { "aria-invalid": true } : {})}
      title={wrong ? "This can't be read as a value of the field" : undefined}
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
      }}
      onBlur={() => {
        if (over.current) return;
        if (!commit()) toast(`${field.name} keeps its value: “${text}” can't be read as one.`, "danger");
        end(null);
      }}
      onKeyDown={onKeyDown}
    />
  );
}
