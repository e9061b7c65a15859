export type JsonCheck = { ok: true; value: unknown } | { ok: false; message: string };

/** Parses JSON and, when it is wrong, says where in words a person can use. Empty text is `null`. */
export function checkJson(text: string): JsonCheck {
  if (text.trim() === "") return { ok: true, value: null };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    const { line, column } = lineColumn(text, firstError(text));
    return { ok: false, message: `Not valid JSON at line ${line}, column ${column}.` };
  }
}

// Unescaped control characters are not allowed in JSON strings.
const token =
  // oxlint-disable-next-line no-control-regex
  /\s*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.]))/y;

type Expect = "value" | "value or ]" | "key" | "key or }" | "colon" | "comma or end" | "end";

/** Where a parser first has to give up. Engines word their errors differently; this does not depend on them. */
export function firstError(text: string): number {
  const stack: ("{" | "[")[] = [];
  let expect: Expect = "value";
  let at = 0;
  const after = (): Expect => (stack.length === 0 ? "end" : "comma or end");
  for (;;) {
    const start = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
    if (start >= text.length) return text.length;
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) return start;
    const [, sign, string, scalar] = found;
    const takesValue = expect === "value" || expect === "value or ]";
    if (takesValue && (sign === "{" || sign === "[")) {
      stack.push(sign);
      expect = sign === "{" ? "key or }" : "value or ]";
    } else if (takesValue && (string !== undefined || scalar !== undefined)) expect = after();
    else if ((expect === "key" || expect === "key or }") && string !== undefined) expect = "colon";
    else if (expect === "colon" && sign === ":") expect = "value";
    else if (expect === "comma or end" && sign === ",") expect = stack.at(-1) === "{" ? "key" : "value";
    else if (closes(expect, sign, stack.at(-1))) {
      stack.pop();
      expect = after();
    } else return start;
    at = token.lastIndex;
  }
}

function closes(expect: Expect, sign: string | undefined, open: string | undefined): boolean {
  if (sign === "}") return open === "{" && (expect === "comma or end" || expect === "key or }");
  return sign === "]" && open === "[" && (expect === "comma or end" || expect === "value or ]");
}

export function lineColumn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

export function pretty(value: unknown): string {
  return value === null || value === undefined ? "" : JSON.stringify(value, null, 2);
}
