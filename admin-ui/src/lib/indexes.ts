/** Reads and writes the simple part of `CREATE INDEX`; anything it cannot read stays editable as text. */
export type IndexParts = {
  name: string;
  unique: boolean;
  table: string;
  /** A name alone stands without its quotes; whatever is more than a name stands as it was written. */
  columns: string[];
  where: string;
};

const shape =
  /^\s*create\s+(unique\s+)?index\s+(?:if\s+not\s+exists\s+)?[`"[]?([\w.]+)[`"\]]?\s+on\s+[`"[]?(\w*)[`"\]]?\s*\(([\s\S]*?)\)\s*(?:where\s+([\s\S]+?))?;?\s*$/i;

export function parseIndex(sql: string): IndexParts | null {
  const m = shape.exec(sql);
  if (!m) return null;
  const columns = listed(m[4] ?? "").map((column) => quoted.exec(column)?.[1] ?? column);
  return { unique: Boolean(m[1]), name: m[2] ?? "", table: m[3] ?? "", columns, where: m[5] ?? "" };
}

const quoted = /^[`"[](\w+)[`"\]]$/;

/** Cut at the commas that stand in no brackets and no quotes. */
function listed(text: string): string[] {
  const out = [""];
  let depth = 0;
  for (const [part] of text.matchAll(/`[^`]*`?|"[^"]*"?|'[^']*'?|\[[^\]]*\]?|[\s\S]/g)) {
    if (part === "(") depth += 1;
    if (part === ")") depth -= 1;
    if (part === "," && depth === 0) out.push("");
    else out.push((out.pop() ?? "") + part);
  }
  return out.map((column) => column.trim());
}

export function formatIndex(parts: IndexParts): string {
  const columns = parts.columns.map((column) => (/^\w+$/.test(column) ? `\`${column}\`` : column)).join(", ");
  const where = parts.where.trim() === "" ? "" : ` WHERE ${parts.where.trim()}`;
  return `CREATE ${parts.unique ? "UNIQUE " : ""}INDEX \`${parts.name}\` ON \`${parts.table}\` (${columns})${where}`;
}

/** The field an indexed column is, also with an order or a collation; an expression is none. */
export function columnName(column: string): string | null {
  return /^[`"[]?(\w+)[`"\]]?(?:\s+collate\s+[`"[]?\w+[`"\]]?)?(?:\s+(?:asc|desc))?$/i.exec(column)?.[1] ?? null;
}

/** Renaming a field keeps its indexes: the column is replaced wherever it stands in quotes or as a whole word. */
export function renameColumn(sql: string, from: string, to: string): string {
  const parts = parseIndex(sql);
  if (!parts) return sql;
  const rename = (text: string) => text.replace(new RegExp(`([\`"[]?)\\b${from}\\b([\`"\\]]?)`, "g"), `$1${to}$2`);
  const columns = parts.columns.map((column) =>
    /^\w+$/.test(column) ? (column === from ? to : column) : rename(column),
  );
  return formatIndex({ ...parts, columns, where: rename(parts.where) });
}
