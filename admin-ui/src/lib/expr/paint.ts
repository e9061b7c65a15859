import type { Span } from "../paint";
import { lex } from "./lex";

const looks: Record<string, string> = {
  text: "text-[var(--hue-3)]",
  number: "text-[var(--hue-8)]",
  join: "font-semibold text-ink",
  operator: "text-ink-2",
  comment: "text-ink-3",
};

/** The colours of a rule or filter. */
export function paintRule(source: string): Span[] {
  return lex(source).flatMap(({ kind, from, to, text }) => {
    const className = kind === "identifier" && text.startsWith("@") ? "text-accent-text" : looks[kind];
    return className === undefined ? [] : [{ from, to, className }];
  });
}
