import { useImperativeHandle, useRef, type KeyboardEvent, type Ref } from "react";
import { cx } from "@/lib/cx";
import type { Completions } from "@/lib/expr/complete";
import type { Span } from "@/lib/paint";
import type { ControlProps } from "@/ui/field";
import { Painted, unpainted } from "./painted";
import { SuggestionList, useSuggestions } from "./suggestions";

/** What is selected, as the box itself has it: a text that is put into it takes the old selection away without an event. */
export type AreaHandle = { selection: () => { from: number; to: number } };

type CodeAreaProps = {
  ref?: Ref<AreaHandle>;
  control?: ControlProps;
  label?: string;
  value: string;
  onChange: (value: string) => void;
  complete: (text: string, caret: number) => Completions;
  onKey?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  rows?: number;
  placeholder?: string;
  className?: string;
  /** Colours and underlines. */
  spans?: Span[];
};

/** A text box for expressions with suggestions below it. Enter makes a line, unless a suggestion has been chosen. */
export function CodeArea(props: CodeAreaProps) {
  const { ref, control, label, value, onChange, complete, onKey, rows = 1, placeholder, className, spans } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLPreElement>(null);
  const suggestions = useSuggestions({ area, value, onChange, complete });
  useImperativeHandle(ref, () => ({
    selection: () => ({ from: area.current?.selectionStart ?? 0, to: area.current?.selectionEnd ?? 0 }),
  }));
  const painted = spans !== undefined && value !== "";
  return (
    <div className="relative">
      {/* The colours lie behind the text alone; suggestions lie above all that follows. */}
      <div className="relative isolate">
        {painted && (
          <Painted
            ref={behind}
            text={value}
            spans={spans}
            className="absolute inset-0 -z-10 overflow-hidden border border-transparent px-[10px] py-[5px] break-words whitespace-pre-wrap pointer-coarse:py-[11px]"
          />
        )}
        <textarea
          {...control}
          ref={area}
          aria-label={label}
          {...suggestions.aria}
          autoComplete="off"
          spellCheck={false}
          rows={rows}
          placeholder={placeholder}
          className={cx("control font-mono text-code", painted && "!bg-transparent", className)}
          style={painted ? unpainted : undefined}
          value={value}
          onChange={(event) => suggestions.typed(event.target.value, event.target.selectionStart)}
          onScroll={(event) => behind.current?.scrollTo(0, event.currentTarget.scrollTop)}
          onSelect={(event) => suggestions.moved(event.currentTarget.selectionStart)}
          onBlur={suggestions.close}
          onKeyDown={(event) => {
            if (!suggestions.onKeyDown(event)) onKey?.(event);
          }}
        />
      </div>
      <SuggestionList of={suggestions} />
    </div>
  );
}
