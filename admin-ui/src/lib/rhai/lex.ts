/** Tokens of Rhai, for colours and completion. Never fails: what is not closed reaches to the end. */
export type RhaiKind =
  "comment" | "string" | "number" | "keyword" | "function" | "namespace" | "member" | "name" | "sign";
export type RhaiToken = { kind: RhaiKind; from: number; to: number };

export const keywords = (
  "let const fn private if else switch while do until loop for in break continue return throw try catch import export as " +
  "true false this is_def_fn"
).split(" ");
const words = new Set(keywords);

const rules: [RhaiKind, RegExp][] = [
  ["comment", /\/\/[^\n]*/y],
  ["string", /"(?:\\[\s\S]|[^"\\])*(?:"|$)|`(?:``|[^`])*(?:`|$)|'(?:\\.|[^'\\\n])*'/y],
  ["number", /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?/y],
  ["name", /[A-Za-z_]\w*/y],
];

/** Comments of this kind may hold each other. */
function blockComment(text: string, at: number): number {
  let depth = 0;
  let index = at;
  while (index < text.length) {
    const pair = text.slice(index, index + 2);
    if (pair === "/*") depth += 1;
    else if (pair === "*/") depth -= 1;
    index += pair === "/*" || pair === "*/" ? 2 : 1;
    if (depth === 0) return index;
  }
  return text.length;
}

export function lexRhai(text: string): RhaiToken[] {
  const out: RhaiToken[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const token = text.startsWith("/*", at)
      ? { kind: "comment" as const, from: at, to: blockComment(text, at) }
      : match(text, at);
    out.push(token);
    at = token.to;
  }
  return out;
}

function match(text: string, at: number): RhaiToken {
  for (const [kind, pattern] of rules) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) continue;
    const to = at + found[0].length;
    return { kind: kind === "name" ? nameKind(text, found[0], at, to) : kind, from: at, to };
  }
  return { kind: "sign", from: at, to: at + 1 };
}

function nameKind(text: string, name: string, from: number, to: number): RhaiKind {
  if (words.has(name)) return "keyword";
  if (text.startsWith("::", to)) return "namespace";
  if (/^\s*\(/.test(text.slice(to, to + 8))) return "function";
  return text[from - 1] === "." ? "member" : "name";
}
