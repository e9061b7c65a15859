/** Spreadsheets run what starts like a formula; a leading apostrophe keeps it a text, and one more what had one. */
export function csvCell(value: string, isNumber = false): string {
  const guarded = !isNumber && /^'*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(guarded) || guarded !== value ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

export function csvLine(cells: string[]): string {
  return `${cells.join(",")}\r\n`;
}

/** Several values in one cell: as they are where a comma can tell them apart. */
export function csvList(values: string[]): string {
  return values.some((value) => /[,|]|^\[/.test(value)) ? JSON.stringify(values) : values.join(",");
}

export function parseCsvList(text: string): string[] {
  if (text === "") return [];
  if (text.startsWith("[")) {
    try {
      const read: unknown = JSON.parse(text);
      if (Array.isArray(read)) return read.map(String);
    } catch {
      // It only begins like one.
    }
  }
  return text.split(/\s*[,|]\s*/);
}

export type CsvRow = { line: number; cells: string[] };

/**
 * Rows of cells and the lines they start on; quotes, line ends in quotes and the separator of the first line are understood.
 * Lines without anything are left out.
 */
export function parseCsv(text: string): CsvRow[] {
  const source = text.replace(/^\uFEFF/, "");
  const firstLine = source.slice(0, source.search(/\r?\n|$/));
  const separator =
    [",", ";", "\t"].toSorted((a, b) => firstLine.split(b).length - firstLine.split(a).length)[0] ?? ",";
  const rows: CsvRow[] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  let line = 1;
  let start = 1;
  for (let at = 0; at < source.length; at += 1) {
    const sign = source[at] ?? "";
    const ends = sign === "\n" || (sign === "\r" && source[at + 1] !== "\n");
    if (ends) line += 1;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (source[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === separator) {
      row.push(cell);
      cell = "";
    } else if (ends) {
      rows.push({ line: start, cells: [...row, cell] });
      row = [];
      cell = "";
      start = line;
    } else if (sign !== "\r") cell += sign;
  }
  if (cell !== "" || row.length > 0) rows.push({ line: start, cells: [...row, cell] });
  return rows.filter(({ cells }) => cells.some((value) => value !== ""));
}

/** A text as it was before the guard of `csvCell`. */
export function unguarded(value: string): string {
  return /^'+[=+\-@\t\r]/.test(value) ? value.slice(1) : value;
}

/** What is in a file; older programs write the letters of western Europe in one byte each. */
export function decodeText(bytes: Uint8Array): { text: string; western: boolean } {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return { text: new TextDecoder("utf-16le").decode(bytes), western: false };
  if (first === 0xfe && second === 0xff) return { text: new TextDecoder("utf-16be").decode(bytes), western: false };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), western: false };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), western: true };
  }
}
