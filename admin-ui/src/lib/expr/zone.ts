import { formatTyped, spanOf, toWire, type Zone } from "@/lib/dates";
import { lex } from "./lex";

type Field = { name: string; detail: string };

/** A date in an expression that names no zone, which the server takes as one of UTC. */
export type ZonelessDate = { from: number; to: number; text: string; operator: string };

export function isDateField(field: Field | undefined): boolean {
  return field?.detail === "date" || field?.detail === "autodate";
}

export function zonelessDates(source: string, fields: Field[]): ZonelessDate[] {
  const tokens = lex(source).filter(({ kind }) => kind !== "comment");
  return tokens.flatMap(({ kind, from, to, text: quoted }, index) => {
    const [field, operator] = [tokens[index - 2], tokens[index - 1]];
    if (kind !== "text" || operator?.kind !== "operator" || field?.kind !== "identifier") return [];
    const text = quoted.slice(1, -1);
    const known = isDateField(fields.find(({ name }) => name === field.text));
    return known && inZone(text, operator.text, "utc") !== null ? [{ from, to, text, operator: operator.text }] : [];
  });
}

/**
 * A date as it was typed, in the server's form: of a day or a minute its end where a comparison takes it in or leaves it out.
 * `null` where it is none, or names a zone itself.
 */
export function inZone(text: string, operator: string, zone: Zone): string | null {
  if (operator.endsWith("~") || /:\d\d.*(Z|[+-]\d\d(:?\d\d)?)$/i.test(text)) return null;
  const span = spanOf(text, zone);
  return span && toWire(/^\??(>|<=)$/.test(operator) ? span.last : span.first);
}

/** Where the dates of an expression and what is shown beside it are hours apart: how the first one would be shown. */
export function apart(source: string, fields: Field[], zone: Zone): { text: string; shown: string } | null {
  for (const { text, operator } of zonelessDates(source, fields)) {
    const span = spanOf(text, "utc");
    if (span && inZone(text, operator, "utc") !== inZone(text, operator, zone))
      return { text, shown: formatTyped(span.first, zone) };
  }
  return null;
}

/** The same expression with its dates meant as they are shown. */
export function meant(source: string, fields: Field[], zone: Zone): string {
  return zonelessDates(source, fields).reduceRight((out, { from, to, text, operator }) => {
    const date = inZone(text, operator, zone);
    return date === null ? out : `${out.slice(0, from)}"${date}"${out.slice(to)}`;
  }, source);
}
