/** Cells as spreadsheets put them on the clipboard: tabs between, line ends after, quotes where a cell holds either. */
export function formatTsv(rows: string[][]): string {
  return rows.map((cells) => cells.map(cell).join("\t")).join("\n");
}

function cell(text: string): string {
  return /[\t\n\r]|^"/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function parseTsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  const source = text.replaceAll(/\r\n?/g, "\n").replace(/\n$/, "");
  for (;;) {
    const [value, next] = readCell(source, at);
    row.push(value);
    if (source[next] !== "\t") {
      rows.push(row);
      row = [];
    }
    if (next >= source.length) return rows;
    at = next + 1;
  }
}

/** A quote only counts when it opens a cell and is closed; otherwise it is a sign like any other. */
function readCell(source: string, from: number): [string, number] {
  if (source[from] === '"') {
    let value = "";
    for (let at = from + 1; at < source.length; at += 1) {
      if (source[at] !== '"') value += source[at] ?? "";
      else if (source[at + 1] === '"') {
        value += '"';
        at += 1;
      } else if (at + 1 === source.length || source[at + 1] === "\t" || source[at + 1] === "\n") return [value, at + 1];
      else break;
    }
  }
  const end = source.slice(from).search(/[\t\n]/);
  const to = end < 0 ? source.length : from + end;
  return [source.slice(from, to), to];
}
