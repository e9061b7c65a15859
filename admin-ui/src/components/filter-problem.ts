import { toUiError } from "@/api/errors";
import { diagnose, type Problem } from "@/lib/expr/diagnose";
import { isPlainTerm, lex } from "@/lib/expr/lex";

/** Why the filter was refused: in the server's words where it gives any, with the place and, if one is known, a fix. */
export function filterProblem(error: unknown, text: string, fields: string[]): Problem | null {
  if (error === null || text === "") return null;
  const { status, title, fields: said } = toUiError(error);
  if (status !== 400) return null;
  const message = said["filter"];
  if (message !== undefined) return { ...placeOf(message, text, diagnose(text, fields)), message };
  // The server complains about something else of the list, such as its order.
  if (Object.keys(said).length > 0) return null;
  return diagnose(text, fields) ?? { from: 0, to: 0, message: `the server refused it: ${title}` };
}

/** The server counts characters from 1; a word that is searched for is not the expression it has read. */
function placeOf(message: string, text: string, own: Problem | null): Omit<Problem, "message"> {
  const position = Number(/ at position (\d+)/.exec(message)?.[1] ?? 0);
  if (position === 0 || isPlainTerm(text)) return { from: 0, to: 0 };
  const from = [...text].slice(0, position - 1).join("").length;
  if (own?.fix !== undefined && own.from <= from && from < own.to) return own;
  const token = lex(text).find((candidate) => candidate.from <= from && from < candidate.to);
  return { from, to: token?.to ?? from };
}
