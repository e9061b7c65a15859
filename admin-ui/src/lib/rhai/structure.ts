import { lexRhai, type RhaiToken } from "./lex";

/** What scripts can call, as the server lists it. */
export type Known = { namespace: string; name: string; kind: string; signature: string; doc: string };

/** A function that a text defines. `at` is where its name stands. */
export type Defined = { name: string; parameters: string[]; at: number; line: number; doc: string };
/** A module that a text imports: `lib/price` under a name. */
export type Import = { path: string; alias: string };
/** An imported file with what it defines. */
export type Module = Import & { functions: Defined[] };

const spoken = (tokens: RhaiToken[]) => tokens.filter((token) => token.kind !== "comment");

export function functionsOf(text: string): Defined[] {
  const tokens = spoken(lexRhai(text));
  const word = (index: number) => text.slice(tokens[index]?.from ?? 0, tokens[index]?.to ?? 0);
  return tokens.flatMap((token, index): Defined[] => {
    const name = tokens[index + 1];
    if (token.kind !== "keyword" || word(index) !== "fn" || name?.kind !== "function") return [];
    const parameters: string[] = [];
    for (let next = index + 3; next < tokens.length && word(next) !== ")"; next += 1)
      if (/^\w/.test(word(next))) parameters.push(word(next));
    const line = text.slice(0, name.from).split("\n").length;
    return [{ name: word(index + 1), parameters, at: name.from, line, doc: commentAbove(text, line) }];
  });
}

/** The lines of comment right above a line. */
function commentAbove(text: string, line: number): string {
  const above = text.split("\n").slice(0, line - 1);
  const first = above.findLastIndex((known) => !/^\s*\/\//.test(known)) + 1;
  return above
    .slice(first)
    .map((known) => known.replace(/^\s*\/+\s?/, ""))
    .join(" ");
}

export function importsOf(text: string): Import[] {
  const tokens = spoken(lexRhai(text));
  const word = (index: number) => text.slice(tokens[index]?.from ?? 0, tokens[index]?.to ?? 0);
  return tokens.flatMap((token, index): Import[] => {
    const path = /^"([\w/-]+)"$/.exec(word(index + 1))?.[1];
    const alias = word(index + 3);
    if (token.kind !== "keyword" || word(index) !== "import" || path === undefined) return [];
    return word(index + 2) === "as" && /^\w+$/.test(alias) ? [{ path: `${path}.rhai`, alias }] : [];
  });
}

/** Functions as what can be called. */
export function knownOf(functions: Defined[], namespace: string): Known[] {
  return functions.map(({ name, parameters, doc }) => ({
    namespace,
    name,
    kind: namespace === "" ? "own" : "function",
    signature: `${name}(${parameters.join(", ")})`,
    doc,
  }));
}

/** A name and the namespace before it. */
export type Named = { namespace: string; name: string };

export function nameAt(text: string, at: number): Named | null {
  const start = at - (/\w*$/.exec(text.slice(0, at))?.[0].length ?? 0);
  const name = /^\w+/.exec(text.slice(start))?.[0];
  if (name === undefined) return null;
  return { namespace: /(\w+)::$/.exec(text.slice(0, start))?.[1] ?? "", name };
}

/** Where the function named at a place is defined: here, or in a file that is imported. */
export function definitionAt(
  text: string,
  at: number,
  modules: Module[],
): { path: string | null; line: number } | null {
  const named = nameAt(text, at);
  if (!named) return null;
  if (named.namespace === "") {
    const own = functionsOf(text).find((known) => known.name === named.name);
    return own ? { path: null, line: own.line } : null;
  }
  const module = modules.find((known) => known.alias === named.namespace);
  if (!module) return null;
  const found = module.functions.find((known) => known.name === named.name);
  return { path: module.path, line: found?.line ?? 1 };
}

/** The call whose arguments a place is among, and which of them it is. */
export function callAt(text: string, at: number): (Named & { argument: number }) | null {
  const tokens = spoken(lexRhai(text)).filter((token) => token.from < at);
  const open: { named: Named | null; argument: number }[] = [];
  for (const [index, token] of tokens.entries()) {
    const sign = text.slice(token.from, token.to);
    // What is not closed yet reaches over the place.
    if (token.kind !== "sign") continue;
    if ("([{".includes(sign)) {
      const before = tokens[index - 1];
      const calls = sign === "(" && before?.kind === "function" && before.to <= token.from;
      // Naming what is being defined is no call.
      const defines = calls && text.slice(tokens[index - 2]?.from ?? 0, tokens[index - 2]?.to ?? 0) === "fn";
      // What stands before the dot is the first argument.
      const argument = calls && text[before.from - 1] === "." ? 1 : 0;
      open.push({ named: calls && !defines ? nameAt(text, before.to) : null, argument });
    } else if (")]}".includes(sign)) open.pop();
    else if (sign === ",") {
      const inner = open.at(-1);
      if (inner) inner.argument += 1;
    } else if (sign === ";" && open.at(-1)?.named) open.pop();
  }
  const inner = open.at(-1);
  return inner?.named ? { ...inner.named, argument: inner.argument } : null;
}
