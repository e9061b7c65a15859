import { closest } from "../words";
import { lex, type Token } from "./lex";

export type Problem = { from: number; to: number; message: string; fix?: string };

/**
 * Says what is wrong with a filter before or after the server refused it. Knows the grammar and the names of the fields;
 * everything behind a dot is left to the server. Deliberately silent when unsure.
 */
export function diagnose(source: string, fields: string[]): Problem | null {
  const tokens = lex(source).filter((token) => token.kind !== "comment");
  return lexical(tokens) ?? unknownName(tokens, fields) ?? structural(tokens, source);
}

function lexical(tokens: Token[]): Problem | null {
  const bad = tokens.find((token) => token.kind === "error");
  if (!bad) return null;
  const quote = bad.text[0] === '"' || bad.text[0] === "'";
  return problem(bad, quote ? "this text has no closing quote" : `unexpected “${bad.text}”`);
}

const constants = new Set(["true", "false", "null"]);

function unknownName(tokens: Token[], fields: string[]): Problem | null {
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "identifier" || token.text.startsWith("@") || tokens[index + 1]?.kind === "open") continue;
    if (token.text === "and" || token.text === "or") {
      return problem(token, `write ${token.text === "and" ? "&&" : "||"} instead of “${token.text}”`);
    }
    const head = token.text.split(/[.:]/)[0] ?? "";
    if (constants.has(head.toLowerCase()) || fields.includes(head) || head.includes("_via_")) continue;
    const guess = closest(head, fields);
    const end = token.from + head.length;
    const hint = guess ? ` — did you mean ${guess}?` : "";
    return {
      from: token.from,
      to: end,
      message: `unknown field ${head}${hint}`,
      ...(guess ? { fix: guess } : {}),
    };
  }
  return null;
}

/** Operand, operator, operand, joined by && or ||; parentheses balanced. */
function structural(tokens: Token[], source: string): Problem | null {
  let depth = 0;
  let expect: "operand" | "operator" | "operand2" | "join" = "operand";
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (!token) break;
    if (token.kind === "open" && expect === "operand") depth += 1;
    else if (token.kind === "close" && expect === "join") {
      depth -= 1;
      if (depth < 0) return problem(token, "this parenthesis closes nothing");
    } else if (isOperand(token) && (expect === "operand" || expect === "operand2")) {
      if (tokens[index + 1]?.kind === "open") index = closing(tokens, index + 1);
      expect = expect === "operand" ? "operator" : "join";
    } else if (token.kind === "operator" && expect === "operator") expect = "operand2";
    else if (token.kind === "join" && expect === "join") expect = "operand";
    else return problem(token, `expected ${wanted[expect]} before “${token.text}”`);
  }
  const end = { from: source.length, to: source.length };
  if (expect !== "join" && tokens.length > 0) return { ...end, message: `expected ${wanted[expect]} at the end` };
  return depth > 0 ? { ...end, message: "a parenthesis is not closed" } : null;
}

const wanted = {
  operand: "a field or value",
  operand2: "a value",
  operator: "an operator such as = or ~",
  join: "&& or ||",
} as const;

function isOperand(token: Token): boolean {
  return token.kind === "identifier" || token.kind === "number" || token.kind === "text";
}

function closing(tokens: Token[], open: number): number {
  const at = tokens.findIndex((token, index) => index > open && token.kind === "close");
  return at === -1 ? tokens.length : at;
}

function problem(token: Token, message: string): Problem {
  return { from: token.from, to: token.to, message };
}
