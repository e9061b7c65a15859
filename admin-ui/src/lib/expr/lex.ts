/** Tokens of the filter language. Never fails: what it cannot read becomes an `error` token, so editors can go on. */
export type TokenKind =
  "identifier" | "number" | "text" | "operator" | "join" | "open" | "close" | "comma" | "comment" | "error";
export type Token = { kind: TokenKind; from: number; to: number; text: string };

const rules: [TokenKind, RegExp][] = [
  ["comment", /\/\/[^\n]*/y],
  ["join", /&&|\|\|/y],
  ["operator", /\?(?:!=|!~|<=|>=|=|~|<|>)|!=|!~|<=|>=|=|~|<|>/y],
  ["number", /-?\d+(?:\.\d+)?(?![\w.])/y],
  ["text", /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/y],
  ["identifier", /[A-Za-z_@#][\w.:@#]*/y],
  ["open", /\(/y],
  ["close", /\)/y],
  ["comma", /,/y],
];

export function lex(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    if (/\s/.test(source[at] ?? "")) {
      at += 1;
      continue;
    }
    const token = match(source, at) ?? error(source, at);
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

function match(source: string, at: number): Token | null {
  for (const [kind, pattern] of rules) {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) return { kind, from: at, to: at + found[0].length, text: found[0] };
  }
  return null;
}

/** An unclosed text reaches to the end; any other stray sign is one token. */
function error(source: string, at: number): Token {
  const quote = source[at] === '"' || source[at] === "'";
  const to = quote ? source.length : at + 1;
  return { kind: "error", from: at, to, text: source.slice(at, to) };
}

/** A plain word to search for, rather than an expression. */
export function isPlainTerm(source: string): boolean {
  return source.trim() !== "" && !lex(source).some((token) => token.kind === "operator" || token.kind === "join");
}
