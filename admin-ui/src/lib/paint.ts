/** Parts of a text that look different. They may lie over each other. */
export type Span = { from: number; to: number; className: string };
export type Piece = { from: number; text: string; className: string };

/** Cuts a text where its look changes; what lies over each other is joined. */
export function piecesOf(text: string, spans: Span[]): Piece[] {
  const usable = spans.filter((span) => span.from < span.to && span.from < text.length);
  const cuts = new Set([0, text.length]);
  for (const span of usable) {
    cuts.add(Math.max(0, span.from));
    cuts.add(Math.min(text.length, span.to));
  }
  const places = [...cuts].toSorted((a, b) => a - b);
  const waiting = usable.toSorted((a, b) => a.from - b.from);
  let open: Span[] = [];
  const out: Piece[] = [];
  for (const [index, from] of places.entries()) {
    const to = places[index + 1];
    if (to === undefined) break;
    while (waiting[0] && waiting[0].from <= from) open.push(...waiting.splice(0, 1));
    open = open.filter((span) => span.to > from);
    out.push({ from, text: text.slice(from, to), className: open.map((span) => span.className).join(" ") });
  }
  return out;
}

export const squiggle = {
  error: "underline decoration-wavy decoration-danger decoration-1 underline-offset-2",
  warning: "underline decoration-wavy decoration-warn decoration-1 underline-offset-2",
  info: "underline decoration-dotted decoration-info underline-offset-2",
} as const;
