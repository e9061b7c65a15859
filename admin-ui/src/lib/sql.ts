/** Enough of SQL to find statements and tell reading from writing. The server has the last word. */
export type Statement = { from: number; to: number; text: string };

const token =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:''|[^'])*'?|"(?:""|[^"])*"?|`(?:``|[^`])*`?|\[[^\]]*\]?|[\w$]+|;|\s+|./gy;

function tokens(source: string): { at: number; text: string }[] {
  token.lastIndex = 0;
  return [...source.matchAll(token)].map((found) => ({ at: found.index, text: found[0] }));
}

export function statements(source: string): Statement[] {
  const out: Statement[] = [];
  let from = 0;
  const push = (to: number) => {
    const raw = source.slice(from, to);
    const lead = raw.length - raw.trimStart().length;
    if (raw.trim() !== "") out.push({ from: from + lead, to: from + raw.trimEnd().length, text: raw.trim() });
    from = to + 1;
  };
  for (const { at, text } of tokens(source)) if (text === ";") push(at);
  push(source.length);
  return out;
}

/** The statement the caret is in or behind. */
export function statementAt(source: string, caret: number): Statement | null {
  const all = statements(source);
  return all.findLast((statement) => statement.from <= caret) ?? all[0] ?? null;
}

const writing = /^(insert|update|delete|replace|create|drop|alter|attach|detach|vacuum|reindex)$/i;

export function isWriting(statement: string): boolean {
  const words = tokens(statement).filter(({ text }) => /^\w/.test(text));
  const [first] = words;
  if (!first) return false;
  if (writing.test(first.text)) return true;
  if (first.text.toLowerCase() === "pragma") return statement.includes("=");
  return first.text.toLowerCase() === "with" && words.some(({ text }) => writing.test(text));
}

/** `DELETE FROM x …` as the count of what it would delete. */
export function countOfDelete(statement: string): { table: string; query: string } | null {
  const found = /^delete\s+from\s+([`"[]?)(\w+)[`"\]]?([\s\S]*)$/i.exec(statement.trim());
  if (!found || /\breturning\b/i.test(found[3] ?? "")) return null;
  return { table: found[2] ?? "", query: `SELECT COUNT(*) FROM \`${found[2] ?? ""}\`${found[3] ?? ""}` };
}

export const keywords =
  "SELECT FROM WHERE JOIN LEFT INNER ON GROUP BY ORDER HAVING LIMIT OFFSET AS AND OR NOT NULL IS IN LIKE BETWEEN EXISTS DISTINCT UNION ALL CASE WHEN THEN ELSE END COUNT SUM AVG MIN MAX INSERT INTO VALUES UPDATE SET DELETE WITH RECURSIVE EXPLAIN PRAGMA DESC ASC".split(
    " ",
  );

/** The word the server complains about, as a place in the text. */
export function placeOfError(message: string, source: string): { from: number; to: number } | null {
  const word = /near "([^"]+)"/.exec(message)?.[1] ?? /no such (?:column|table|function): (\S+)/.exec(message)?.[1];
  if (!word) return null;
  const plain = word.replace(/[.,]$/, "");
  const found = tokens(source).find(({ text }) => text === plain || text === plain.split(".").at(-1));
  return found ? { from: found.at, to: found.at + found.text.length } : null;
}
