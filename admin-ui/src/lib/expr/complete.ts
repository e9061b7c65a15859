import type { Zone } from "@/lib/dates";
import { lex } from "./lex";
import { inZone, isDateField } from "./zone";

/** What completion needs to know of a field: its name, and its possible values when there are only a few. */
export type Known = { name: string; detail: string; values?: string[] };
export type Completion = { label: string; detail: string; insert: string };
export type Completions = { from: number; to: number; options: Completion[] };

/** More than these are not looked through. */
const most = 12;

const macros = [
  "@now",
  "@todayStart",
  "@todayEnd",
  "@yesterday",
  "@tomorrow",
  "@monthStart",
  "@monthEnd",
  "@yearStart",
  "@yearEnd",
];

/** Where dates are shown in a zone, and what it is called. */
export type ShownZone = { zone: Zone; name: string };

/** Suggestions at the caret: field names where a field can stand, values after an operator. */
export function complete(source: string, caret: number, fields: Known[], shown?: ShownZone): Completions {
  const before = lex(source.slice(0, caret));
  const current = before.at(-1);
  const touching = current !== undefined && current.to === caret ? current : undefined;
  const word =
    touching && (touching.kind === "identifier" || touching.kind === "error" || touching.kind === "text")
      ? touching
      : undefined;
  const previous = word ? before.at(-2) : current;
  const from = word?.from ?? caret;
  const typed = word?.text ?? "";
  if (previous?.kind === "operator") {
    const subject = before.findLast((token) => token.kind === "identifier" && token.to <= previous.from);
    const field = fields.find((known) => known.name === subject?.text);
    // A value may also be another field, but only what is typed asks for one.
    const others = typed === "" ? [] : names(fields, typed);
    const dates = shown && isDateField(field) ? dateOf(typed, previous.text, shown) : [];
    return { from, to: caret, options: [...dates, ...values(field, typed), ...others].slice(0, most) };
  }
  if (previous && previous.kind !== "join" && previous.kind !== "open") return { from: caret, to: caret, options: [] };
  return { from, to: caret, options: names(fields, typed).slice(0, most) };
}

function names(fields: Known[], typed: string): Completion[] {
  const found = fields
    .filter((field) => matches(field.name, typed))
    .toSorted((a, b) => Number(starts(b.name, typed)) - Number(starts(a.name, typed)))
    .map((field) => ({ label: field.name, detail: field.detail, insert: field.name }));
  return found.length > most ? byCollection(found, typed) : found;
}

/** Other collections by their names alone, where there are too many for all of their fields. */
function byCollection(found: Completion[], typed: string): Completion[] {
  const out = new Map<string, Completion>();
  for (const option of found) {
    const name = /^@collection\.[^.]+\./.exec(option.insert)?.[0];
    if (name === undefined || typed.startsWith(name)) out.set(option.insert, option);
    else out.set(name, { label: name, detail: "collection", insert: name });
  }
  return [...out.values()];
}

/** The server's dates are in UTC; people type them as they see them. */
function dateOf(typed: string, operator: string, { zone, name }: ShownZone): Completion[] {
  const text = unquoted(typed);
  const date = inZone(text, operator, zone);
  if (date === null || date === inZone(text, operator, "utc")) return [];
  return [{ label: text, detail: name, insert: `"${date}"` }];
}

function unquoted(typed: string): string {
  return typed.replace(/^["']|["']$/g, "");
}

function values(field: Known | undefined, typed: string): Completion[] {
  const bare = unquoted(typed);
  if (field?.values) {
    return field.values
      .filter((value) => matches(value, bare))
      .map((value) => ({ label: value, detail: "value", insert: quote(value, field.detail) }));
  }
  if (!isDateField(field)) return [];
  return macros
    .filter((macro) => matches(macro, bare))
    .map((macro) => ({ label: macro, detail: "date", insert: macro }));
}

function quote(value: string, kind: string): string {
  return kind === "bool" ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

function starts(candidate: string, typed: string): boolean {
  return candidate.toLowerCase().startsWith(typed.toLowerCase());
}

function matches(candidate: string, typed: string): boolean {
  return candidate.toLowerCase().includes(typed.toLowerCase()) && candidate !== typed;
}
