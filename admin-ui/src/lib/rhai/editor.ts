import type { Completions } from "../expr/complete";
import type { Span } from "../paint";
import { keywords, lexRhai, type RhaiKind } from "./lex";
import { nameAt, type Known, type Named } from "./structure";

const looks: Partial<Record<RhaiKind, string>> = {
  comment: "text-ink-3",
  string: "text-[var(--hue-3)]",
  number: "text-[var(--hue-8)]",
  keyword: "text-[var(--hue-5)]",
  function: "text-[var(--hue-2)]",
  namespace: "text-accent-text",
  sign: "text-ink-2",
};

/** Larger texts are shown without colours. */
const mostPainted = 200_000;

export function paintRhai(text: string): Span[] {
  if (text.length > mostPainted) return [];
  return lexRhai(text).flatMap(({ kind, from, to }) => {
    const className = looks[kind];
    return className === undefined ? [] : [{ from, to, className }];
  });
}

export type Events = { name: string; members: string[] }[];

const most = 30;

/** What fits at the caret: members behind a dot, functions of a namespace behind `::`, else names. */
export function completeRhai(text: string, caret: number, known: Known[], events: Events): Completions {
  const before = text.slice(0, caret);
  const typed = /\w*$/.exec(before)?.[0] ?? "";
  const from = caret - typed.length;
  const lead = before.slice(0, from);
  const none = { from, to: caret, options: [] };
  const inside = lexRhai(text).some((token) => token.from < from && token.to >= caret && isText(token.kind));
  if (inside || /^\d/.test(typed)) return none;
  const namespace = /(\w+)::$/.exec(lead)?.[1];
  const dotted = lead.endsWith(".");
  if (typed === "" && namespace === undefined && !dotted) return none;
  const options =
    namespace !== undefined
      ? of(known.filter((item) => item.namespace === namespace))
      : dotted
        ? membersOf(lead, known, events)
        : namesOf(before, known, events);
  const wanted = typed.toLowerCase();
  const fitting = options.filter((option) => option.label.toLowerCase().includes(wanted) && option.label !== typed);
  const rank = (label: string) => (label.toLowerCase().startsWith(wanted) ? 0 : 1);
  return {
    from,
    to: caret,
    options: fitting.toSorted((a, b) => rank(a.label) - rank(b.label)).slice(0, most),
  };
}

type Option = Completions["options"][number];

function isText(kind: RhaiKind): boolean {
  return kind === "comment" || kind === "string";
}

/** Overloads of a name are one suggestion. */
function of(known: Known[]): Option[] {
  const seen = new Map<string, Option>();
  for (const item of known)
    if (!seen.has(item.name))
      seen.set(item.name, { label: item.name, detail: briefly(item.signature), insert: item.name });
  return [...seen.values()];
}

function briefly(signature: string): string {
  return signature.length > 60 ? `${signature.slice(0, 59)}…` : signature;
}

function membersOf(lead: string, known: Known[], events: Events): Option[] {
  const members = of(known.filter((item) => item.namespace === "" && item.kind !== "own"));
  if (!/\be\.$/.test(lead)) return members;
  // The event of the handler around the caret says what `e` has.
  const name = [...lead.matchAll(/\bon_(\w+)\s*\(/g)].at(-1)?.[1];
  const own = events.find((event) => event.name === name)?.members ?? [];
  const first = own.map((member) => ({ label: member, detail: `of ${name ?? "the event"}`, insert: member }));
  return [...first, ...members.filter((option) => !own.includes(option.label))];
}

const plain = (label: string, detail: string): Option => ({ label, detail, insert: label });

function namesOf(before: string, known: Known[], events: Events): Option[] {
  const spaces = [...new Set(known.map((item) => item.namespace).filter((name) => name !== ""))];
  const own = new Set([...before.matchAll(/\b(?:let|const)\s+(\w+)/g)].map((found) => found[1] ?? ""));
  return [
    ...of(known.filter((item) => item.kind === "own")),
    ...[...own].map((name) => plain(name, "of this file")),
    ...events.map((event) => plain(`on_${event.name}`, event.members.join(", "))),
    ...of(known.filter((item) => item.namespace === "" && item.kind === "function")),
    ...spaces.map((name) => ({ label: `${name}::`, detail: "namespace", insert: `${name}::` })),
    ...keywords.map((word) => plain(word, "keyword")),
  ];
}

/** What is known about the word at a place: every signature with its text. */
export function describeAt(text: string, at: number, known: Known[], events: Events): Known[] {
  const named = nameAt(text, at);
  return named ? describe(named, known, events) : [];
}

export function describe({ namespace, name }: Named, known: Known[], events: Events): Known[] {
  const event = name.startsWith("on_") ? events.find((item) => `on_${item.name}` === name) : undefined;
  if (event) {
    const members =
      event.members.length === 0 ? "" : ` with ${event.members.map((member) => `e.${member}`).join(", ")}`;
    const signature = `${name}(|e| …)`;
    return [{ namespace, name, kind: "event", signature, doc: `Runs a handler${members}.` }];
  }
  return known.filter((item) => item.name === name && item.namespace === namespace).slice(0, 4);
}

/** Line and column from 1 to a place in the text. */
export function placeAt(text: string, line: number, column: number): number {
  let at = 0;
  for (let n = 1; n < line; n += 1) {
    const next = text.indexOf("\n", at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return Math.min(at + Math.max(0, column - 1), text.length);
}

/** The word that starts at a place, or what is left of its line: what a report underlines. */
export function wordFrom(text: string, at: number): { from: number; to: number } {
  const rest = text.slice(at);
  const length = /^[\w:]+/.exec(rest)?.[0].length ?? 1;
  return { from: Math.min(at, Math.max(0, text.length - 1)), to: Math.min(text.length, at + length) };
}
