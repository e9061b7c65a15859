type Names = { renamed: Map<string, string>; removed: Set<string>; name: string | null };

const token = /'(?:''|[^'])*'|--[^\n]*|\/\*[\s\S]*?\*\/|[\w$]+|[^\s]|\s+/gy;

/**
 * A view query with the new names in it. A renamed column keeps its old name in the result, so that readers of the view see
 * no difference. `null` when the query has nothing to do with the table.
 */
export function renameInView(
  query: string,
  table: string,
  names: Names,
): { after: string | null; names: string } | null {
  token.lastIndex = 0;
  const words = [...query.matchAll(token)].map((found) => found[0]);
  if (!words.includes(table)) return null;
  const used = new Set<string>();
  let depth = 0;
  let selecting = false;
  let broken = false;
  const after = words.map((word, index) => {
    if (word === "(") depth += 1;
    if (word === ")") depth -= 1;
    if (depth === 0 && /^select$/i.test(word)) selecting = true;
    if (depth === 0 && /^from$/i.test(word)) selecting = false;
    if (word === table && names.name !== null) {
      used.add(word);
      return names.name;
    }
    if (names.removed.has(word)) {
      used.add(word);
      broken = true;
      return word;
    }
    const to = names.renamed.get(word);
    // What follows AS is a name of the result, not of the table.
    if (to === undefined || /^as$/i.test(neighbour(words, index, -1))) return word;
    used.add(word);
    const next = neighbour(words, index, 1);
    const bare = selecting && depth === 0 && (next === "," || next === "" || /^from$/i.test(next));
    return bare ? `${to} AS ${word}` : to;
  });
  if (used.size === 0) return null;
  return { after: broken ? null : after.join(""), names: [...used].join(", ") };
}

/** The next word that is not a space or a quote. */
function neighbour(words: string[], index: number, step: 1 | -1): string {
  for (let at = index + step; at >= 0 && at < words.length; at += step) {
    const word = words[at] ?? "";
    if (word.trim() !== "" && !/^[`"[\]]$/.test(word)) return word;
  }
  return "";
}
