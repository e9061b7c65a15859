import { memo, type Ref } from "react";
import { cx } from "@/lib/cx";
import { piecesOf, type Span } from "@/lib/paint";

type PaintedProps = { text: string; spans: Span[]; className: string; ref?: Ref<HTMLPreElement> };

/** A text in its colours, to lie behind a text box whose own letters are not drawn. */
export const Painted = memo(function Painted({ text, spans, className, ref }: PaintedProps) {
  return (
    <pre ref={ref} aria-hidden className={cx("pointer-events-none font-mono text-code text-ink", className)}>
      {piecesOf(text, spans).map((piece) => (
        <span key={piece.from} className={piece.className}>
          {piece.text}
        </span>
      ))}
      {"\n"}
    </pre>
  );
});

/** For the text box in front: the caret and what is selected are drawn, letters are not. */
export const unpainted = { WebkitTextFillColor: "transparent" } as const;
