/** Reads and writes the simple part of `CREATE INDEX`; anything it cannot read stays editable as text. */
export type IndexParts = { name: string; unique: boolean; table: string; columns: string[]; where: string };

const shape =
  /^\s*create\s+(unique\s+)?index\s+(?:if\s+not\s+exists\s+)?[`"[]?([\w.]+)[`"\]]?\s+on\s+[`"[]?(\w*)[`"\]]?\s*\(([\s\S]*?)\)\s*(?:where\s+([\s\S]+?))?;?\s*$/i;

export function parseIndex(sql: string): IndexParts | null {
  const m = shape.exec(sql);
  if (!m) return null;
  const columns = (m[4] ?? "").split(",").map((column) => column.trim().replace(/^[`"[]|[`"\]]$/g, ""));
  return { unique: Boolean(m[1]), name: m[2] ?? "", table: m[3] ?? "", columns, where: m[5] ?? "" };
}

export function formatIndex(parts: IndexParts): string {
  const columns = parts.columns.map((column) => (/^\w+$/.test(column) ? `\`${column}\`` : column)).join(", ");
  const where = parts.where.trim() === "" ? "" : ` WHERE ${parts.where.trim()}`;
  return `CREATE ${parts.unique ? "UNIQUE " : ""}INDEX \`${parts.name}\` ON \`${parts.table}\` (${columns})${where}`;
}

/** Renaming a field keeps its indexes: the column is replaced wherever it stands in quotes or as a whole word. */
export function renameColumn(sql: string, from: string, to: string): string {
  const parts = parseIndex(sql);
  if (!parts) return sql;
  const columns = parts.columns.map((column) => (column === from ? to : column));
  const where = parts.where.replace(new RegExp(`([\`"[]?)\\b${from}\\b([\`"\\]]?)`, "g"), `$1${to}$2`);
  return formatIndex({ ...parts, columns, where });
}
