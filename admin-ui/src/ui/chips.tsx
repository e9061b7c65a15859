import { X } from "lucide-react";
import { useRef, useState, type KeyboardEvent } from "react";
import type { ControlProps } from "./field";

type ChipsProps = {
  control?: ControlProps;
  label?: string;
  values: string[];
  onChange: (values: string[]) => void;
  placeholder?: string;
};

/** A list of short texts: Enter or comma adds, Backspace takes the last one back. */
export function Chips({ control, label, values, onChange, placeholder }: ChipsProps) {
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);

  function add(source: string) {
    const parts = source.split(/[,\n]/).map((part) => part.trim());
    const fresh = parts.filter((part, index) => part !== "" && !values.includes(part) && parts.indexOf(part) === index);
    if (fresh.length > 0) onChange([...values, ...fresh]);
    setText("");
  }
  function onKeyDown(event: KeyboardEvent) {
    if ((event.key === "Enter" || event.key === ",") && text.trim() !== "") {
      event.preventDefault();
      add(text);
    } else if (event.key === "Enter") {
      event.preventDefault();
    } else if (event.key === "Backspace" && text === "") {
      onChange(values.slice(0, -1));
    }
  }
  return (
    <div className="control flex flex-wrap items-center gap-1 !py-1 !ps-1.5">
      {values.map((value) => (
        <span key={value} className="inline-flex h-6 items-center gap-0.5 rounded-sm bg-sunken ps-2 text-ink">
          {value}
          <button
            type="button"
            aria-label={`Remove ${value}`}
            className="flex size-6 items-center justify-center rounded-sm text-ink-3 hover:text-ink"
            onClick={() => {
              onChange(values.filter((other) => other !== value));
              input.current?.focus();
            }}
          >
            <X size={12} />
          </button>
        </span>
      ))}
      <input
        {...control}
        ref={input}
        aria-label={label}
        className="h-6 min-w-24 flex-1 bg-transparent px-1 outline-none"
        placeholder={values.length === 0 ? placeholder : ""}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData("text");
          if (!/[,\n]/.test(pasted)) return;
          event.preventDefault();
          add(pasted);
        }}
        onBlur={() => text.trim() !== "" && add(text)}
      />
    </div>
  );
}
