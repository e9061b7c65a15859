import {
  useImperativeHandle,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type Ref,
} from "react";
import { cx } from "@/lib/cx";
import type { Completions } from "@/lib/expr/complete";
import type { Span } from "@/lib/paint";
import { Painted, unpainted } from "./painted";
import { SuggestionList, useSuggestions } from "./suggestions";

export type EditorHandle = {
  select: (from: number, to: number) => void;
  /** Puts another text in the place of the whole, as if it had been typed. */
  replace: (text: string) => void;
};

type CodeEditorProps = {
  label: string;
  describedBy?: string;
  value: string;
  onChange: (value: string) => void;
  readOnly?: boolean;
  spans: Span[];
  /** Lines with something wrong, from 1. */
  marked: ReadonlySet<number>;
  complete: (text: string, caret: number) => Completions;
  /** Where the caret is. */
  onPlace: (at: number) => void;
  /** What is known about a place, to be shown beside it: below the pointer, when asked for, and, with less of it, after typing. */
  help?: (at: number, typed: boolean) => ReactNode;
  /** The place is meant as a link. */
  onFollow?: (at: number) => void;
  onKey?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  ref?: Ref<EditorHandle>;
};

const lineHeight = 20;
const inset = 8;

/**
 * A text box for programs: colours, numbers of lines, suggestions at the caret. Tab indents; after Escape it leaves, so that
 * nobody is caught in it.
 */
export function CodeEditor(props: CodeEditorProps) {
  const { label, describedBy, value, readOnly, spans, marked, complete, onPlace, help, onFollow, onKey, ref } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const [leaving, setLeaving] = useState(false);
  /** Why the caret is where help is wanted, until it moves on. */
  const [asked, setAsked] = useState<"typed" | "by key" | null>(null);
  const [pointer, setPointer] = useState<number | null>(null);
  const onChange = (next: string) => {
    setAsked("typed");
    setPointer(null);
    props.onChange(next);
  };
  const suggestions = useSuggestions({ area, value, onChange, complete });
  useImperativeHandle(ref, () => ({
    replace: (text) => {
      area.current?.select();
      insert(text);
      setAsked(null);
    },
    select: (from, to) => {
      const box = area.current;
      if (!box) return;
      box.focus();
      box.setSelectionRange(from, to);
      const line = value.slice(0, from).split("\n").length - 1;
      const scroller = box.closest("[data-scroller]");
      scroller?.scrollTo({ top: Math.max(0, line * lineHeight - 80) });
    },
  }));
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (suggestions.onKeyDown(event)) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape") {
      setLeaving(true);
      setAsked(null);
      setPointer(null);
      return;
    }
    const leaves = leaving;
    if (event.key !== "Shift") setLeaving(false);
    if (event.key === "F1") {
      event.preventDefault();
      setAsked("by key");
    } else if (event.key === "F12") {
      event.preventDefault();
      onFollow?.(event.currentTarget.selectionStart);
    } else if (event.key === "Tab" && plain && !event.shiftKey && !leaves && !readOnly) {
      event.preventDefault();
      insert("    ");
    } else if (event.key === "Enter" && plain && !readOnly) {
      const before = value.slice(0, event.currentTarget.selectionStart);
      const indent = /[^\n]*$/.exec(before)?.[0].match(/^\s*/)?.[0] ?? "";
      event.preventDefault();
      insert(`\n${indent}${/[{[(|]\s*$/.test(before) ? "    " : ""}`);
    } else onKey?.(event);
  }
  /** As if it had been typed, so that it can be undone like that. */
  function insert(text: string) {
    const box = area.current;
    if (!box || document.execCommand("insertText", false, text)) return;
    const { selectionStart: from, selectionEnd: to } = box;
    onChange(value.slice(0, from) + text + value.slice(to));
  }
  const lines = value.split("\n").length;
  const at = spotOf(value, suggestions.from);
  const helpAt = pointer ?? (asked ? suggestions.caret : null);
  const helped = helpAt === null ? null : help?.(helpAt, pointer === null && asked === "typed");
  return (
    <div data-scroller className="control relative flex min-h-0 flex-1 items-start overflow-auto !p-0">
      <div
        aria-hidden
        className="tnum sticky start-0 z-10 min-h-full shrink-0 border-e border-line bg-canvas py-2 ps-2 pe-2 text-end font-mono text-code text-ink-3 select-none"
      >
        {Array.from({ length: lines }, (_, index) => (
          <div key={index} className={cx("h-5", marked.has(index + 1) && "font-semibold text-danger-text")}>
            {index + 1}
          </div>
        ))}
      </div>
      <div className="relative isolate min-h-full min-w-0 flex-1">
        <Painted
          text={value}
          spans={spans}
          className={cx("w-max min-w-full p-2 leading-5 whitespace-pre", value === "" && "text-ink-3")}
        />
        <textarea
          ref={area}
          aria-label={label}
          aria-describedby={describedBy}
          {...suggestions.aria}
          readOnly={readOnly}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          wrap="off"
          className="absolute inset-0 m-0 size-full resize-none overflow-hidden border-0 bg-transparent p-2 font-mono text-code leading-5 outline-none"
          style={unpainted}
          value={value}
          onChange={(event) => suggestions.typed(event.target.value, event.target.selectionStart)}
          onSelect={(event) => {
            const caret = event.currentTarget.selectionStart;
            if (caret !== suggestions.caret) setAsked(null);
            suggestions.moved(caret);
            onPlace(caret);
          }}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey) onFollow?.(event.currentTarget.selectionStart);
          }}
          onMouseMove={(event) => setPointer(wordBelow(event))}
          onMouseLeave={() => setPointer(null)}
          onBlur={() => {
            suggestions.close();
            setAsked(null);
          }}
          onKeyDown={onKeyDown}
        />
        <SuggestionList
          of={suggestions}
          className="w-80 max-w-full"
          style={{
            top: at.line * lineHeight + inset,
            insetInlineStart: `min(calc(${at.column}ch * 0.95 + ${inset}px), 40%)`,
          }}
        />
        {helped && helpAt !== null && (
          <Beside spot={spotOf(value, helpAt)} below={suggestions.options.length === 0}>
            {helped}
          </Beside>
        )}
      </div>
    </div>
  );
}

/** Where the word below the pointer begins; behind the end of a line there is none. */
function wordBelow(event: MouseEvent<HTMLTextAreaElement>): number | null {
  const found = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  if (!found || found.offsetNode !== event.currentTarget) return null;
  const left = found.getClientRect()?.left;
  if (left !== undefined && left !== 0 && Math.abs(event.clientX - left) > lineHeight) return null;
  const before = event.currentTarget.value.slice(Math.max(0, found.offset - 200), found.offset);
  return found.offset - (/\w*$/.exec(before)?.[0].length ?? 0);
}

type Spot = { line: number; column: number };

/** Line from 1, column from 0. */
function spotOf(text: string, at: number): Spot {
  const lead = text.slice(0, at);
  return { line: lead.split("\n").length, column: at - (lead.lastIndexOf("\n") + 1) };
}

/** Above its line, where suggestions are not; the first lines have no room there. */
function Beside({ spot, below, children }: { spot: Spot; below: boolean; children: ReactNode }) {
  const above = spot.line > 3;
  if (!above && !below) return null;
  return (
    <div
      className="pointer-events-none absolute z-30 max-w-[min(36rem,92%)] font-mono text-code"
      style={{
        top: (above ? spot.line - 1 : spot.line) * lineHeight + inset,
        insetInlineStart: `min(calc(${spot.column}ch + ${inset}px), 40%)`,
        ...(above ? { transform: "translateY(-100%)" } : {}),
      }}
    >
      <div className="enter rounded-md bg-raised px-2.5 py-1.5 font-sans text-sm shadow-float">{children}</div>
    </div>
  );
}
