export type DiffLine = { sign: " " | "+" | "−"; text: string };

/** Beyond this the middle of two texts is replaced as a whole. */
const mostCells = 4_000_000;

const same = (lines: string[]): DiffLine[] => lines.map((text) => ({ sign: " ", text }));
const gone = (text: string): DiffLine => ({ sign: "−", text });
const come = (text: string): DiffLine => ({ sign: "+", text });

/** How one text becomes another, line by line, with as few changed lines as possible. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const middle = changed(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [...same(a.slice(0, start)), ...middle, ...same(a.slice(a.length - end))];
}

function changed(a: string[], b: string[]): DiffLine[] {
  if (a.length * b.length > mostCells) return [...a.map(gone), ...b.map(come)];
  // How many lines two ends have in common.
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = common[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      out.push({ sign: " ", text: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      out.push(gone(left));
      i += 1;
    } else {
      out.push(come(right ?? ""));
      j += 1;
    }
  }
  return out;
}

/** Changed lines with a few around them; the rest is left out. */
export function hunks(lines: DiffLine[], around = 3): (DiffLine | null)[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some((line) => line.sign !== " "),
  );
  const out: (DiffLine | null)[] = [];
  for (const [index, line] of lines.entries()) {
    if (near[index]) out.push(line);
    else if (out.at(-1) !== null) out.push(null);
  }
  return out;
}
