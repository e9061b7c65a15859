import { lexRhai } from "./lex";

const step = "    ";

/**
 * Indents every line by the brackets around it and takes away spaces at ends of lines. What stands on a line stays there, and
 * what is inside texts and comments is not touched.
 */
export function formatRhai(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const signs = bracketsOf(lines.join("\n"), lines.length);
  /** Brackets that are open, by the line they stand on. */
  const open: number[] = [];
  const depths: number[] = [];
  const out = lines.map((line, index) => {
    const { brackets, held, ends, before } = signs[index] ?? plain;
    const bare = ends ? line.trimStart() : line.trim();
    let depth = depthAfter(open, depths);
    let leading = 0;
    while (leading < brackets.length && ")]}".includes(bare[leading] ?? " ") && bare[leading] === brackets[leading]) {
      depth = depths[open.pop() ?? 0] ?? 0;
      leading += 1;
    }
    if (leading === 0 && continues(bare, before)) depth += 1;
    depths[index] = depth;
    for (const bracket of brackets.slice(leading)) {
      if ("([{".includes(bracket)) open.push(index);
      else open.pop();
    }
    if (held) return ends ? line : line.trimEnd();
    return bare === "" ? "" : step.repeat(depth) + bare;
  });
  return `${out.join("\n").trimEnd()}\n`;
}

function depthAfter(open: number[], depths: number[]): number {
  const last = open.at(-1);
  return last === undefined ? 0 : (depths[last] ?? 0) + 1;
}

/** The rest of what the line before began. */
function continues(line: string, before: string): boolean {
  if (/^\.(?!\.)/.test(line)) return true;
  return /^(?:&&|\|\||\?\?|\+ )/.test(line) && before !== "" && !/[,;([{}|]/.test(before);
}

type Line = {
  /** Brackets of the line that count. */
  brackets: string;
  /** It begins inside a text or a comment that spans lines. */
  held: boolean;
  /** It ends inside one. */
  ends: boolean;
  /** The last sign before the line. */
  before: string;
};

const plain: Line = { brackets: "", held: false, ends: false, before: "" };

function bracketsOf(text: string, count: number): Line[] {
  const out: Line[] = Array.from({ length: count }, () => ({ ...plain }));
  let line = 0;
  let at = 0;
  let last = "";
  const lineAt = (place: number) => {
    for (; at < place; at += 1)
      if (text[at] === "\n") {
        line += 1;
        const entered = out[line];
        if (entered) entered.before = last;
      }
    return line;
  };
  for (const token of lexRhai(text)) {
    const first = lineAt(token.from);
    const word = text.slice(token.from, token.to);
    if (token.kind === "sign" && "([{)]}".includes(word)) {
      const here = out[first];
      if (here) here.brackets += word;
    }
    if (token.kind !== "comment") last = word.slice(-1);
    const end = lineAt(token.to);
    // The first line of a long text may move, as its indentation lies before the text; those after it may not.
    for (let held = first + 1; held <= end; held += 1) {
      const [above, inner] = [out[held - 1], out[held]];
      if (above) above.ends = true;
      if (inner) inner.held = true;
    }
  }
  return out;
}
