import type { Diagnostic, Identity, Outcome, Reach, RuleAction } from "@/api/rules";
import type { Collection, Field, Rule } from "@/api/types";
import { isObject } from "@/lib/assert";

export type RuleKey = "listRule" | "viewRule" | "createRule" | "updateRule" | "deleteRule" | "manageRule";

export const labActions: { key: RuleKey; action: RuleAction; does: string }[] = [
  { key: "listRule", action: "list", does: "list" },
  { key: "viewRule", action: "view", does: "view" },
  { key: "createRule", action: "create", does: "create" },
  { key: "updateRule", action: "update", does: "change" },
  { key: "deleteRule", action: "delete", does: "delete" },
  { key: "manageRule", action: "manage", does: "manage" },
];

/** What the server says without knowing what is being edited: fields of the draft that are not saved yet are no mistake. */
export function withoutUnsaved(diagnostics: Diagnostic[], rule: string, base: Field[], draft: Field[]): Diagnostic[] {
  const known = new Set(base.map((field) => field.name));
  const fresh = draft.filter((field) => !known.has(field.name)).map((field) => field.name);
  if (fresh.length === 0) return diagnostics;
  return diagnostics.filter((found) => {
    const words = rule.slice(found.from, found.to).split(/[.:]/);
    return found.code !== "unknownField" || !words.some((word) => fresh.includes(word));
  });
}

export function applyFix(rule: string, fix: { from: number; to: number; text: string }): string {
  return rule.slice(0, fix.from) + fix.text + rule.slice(fix.to);
}

export function sameIdentity(a: Identity, b: Identity): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a.collection === b.collection && a.id === b.id;
}

/** Each identity once; the server adds guests by itself. */
export function distinct(reach: Reach[]): Reach[] {
  return reach.filter((item, index) => reach.findIndex((other) => sameIdentity(other.as, item.as)) === index);
}

export const outcomeWords: Record<string, string> = {
  true: "true",
  false: "false",
  null: "no value",
  "no record": "no record",
  unknown: "not known in time",
};

export function outcomeWord(outcome: Outcome): string {
  return outcomeWords[String(outcome)] ?? String(outcome);
}

/** `u1 = u1`, as it was compared. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  return typeof value === "string" ? JSON.stringify(value) : JSON.stringify(value);
}

export function isSubmitting(action: RuleAction): boolean {
  return action === "create" || action === "update" || action === "manage";
}

/** A question that a link asks: `update|users/id|record`. Who has come with it may turn it to another action. */
export type Asked = { action: RuleAction; as: Identity; record: string; body?: string; turned?: boolean };

export function parseAsked(text: string): Asked | null {
  const [name, who = "guest", record = ""] = text.split("|");
  const action = labActions.find((known) => known.action === name)?.action;
  if (!action) return null;
  // Who it was is not always in the log; then it is left open.
  const [collection, id] = who.split("/");
  return { action, record, as: collection && id !== undefined ? { collection, id } : "guest" };
}

/** What a test expects, in words. */
export function expectation(expect: { allowed: boolean | null; wireStatus: number | null }): string {
  const words = [
    ...(expect.allowed === null ? [] : [expect.allowed ? "allowed" : "denied"]),
    ...(expect.wireStatus === null ? [] : [String(expect.wireStatus)]),
  ];
  return words.join(", ");
}

export function ruleOf(collection: Collection, key: RuleKey): Rule {
  return collection[key] ?? null;
}

/** JSON that a request would send; an empty text is an empty object. */
export function bodyOf(text: string): { ok: true; body: Record<string, unknown> } | { ok: false } {
  if (text.trim() === "") return { ok: true, body: {} };
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { ok: true, body: value } : { ok: false };
  } catch {
    return { ok: false };
  }
}
