import type { Collection, Rule } from "@/api/types";

export type RuleKey = "listRule" | "viewRule" | "createRule" | "updateRule" | "deleteRule" | "manageRule";
export type Access = "locked" | "everyone" | "custom";

export const actions: { key: RuleKey; title: string; help: string }[] = [
  { key: "listRule", title: "List", help: "Which records a list or search contains." },
  { key: "viewRule", title: "View", help: "Which records can be opened by id." },
  { key: "createRule", title: "Create", help: "Which new records are accepted." },
  { key: "updateRule", title: "Update", help: "Which records can be changed." },
  { key: "deleteRule", title: "Delete", help: "Which records can be deleted." },
  { key: "manageRule", title: "Manage", help: "Who may change another account completely." },
];

/** Whether a collection has such a rule at all. */
export function applies(collection: Collection, key: RuleKey): boolean {
  if (key === "listRule" || key === "viewRule") return true;
  if (collection.type === "view") return false;
  return key !== "manageRule" || collection.type === "auth";
}

export function ruleOf(collection: Collection, key: RuleKey): Rule {
  return collection[key] ?? null;
}

export function accessOf(rule: Rule): Access {
  return rule === null ? "locked" : rule === "" ? "everyone" : "custom";
}

export const accessWords: Record<Access, string> = {
  locked: "Superusers",
  everyone: "Everyone",
  custom: "Only if…",
};

function cell(collection: Collection, key: RuleKey): string {
  if (!applies(collection, key)) return "—";
  const rule = ruleOf(collection, key);
  return rule === null ? "superusers" : rule === "" ? "**everyone**" : `\`${rule.replaceAll("|", "\\|")}\``;
}

/** The matrix as a table for documents and reviews. */
export function toMarkdown(collections: Collection[]): string {
  const head = ["Collection", ...actions.map((action) => action.title)];
  const lines = [head, head.map(() => "---")];
  for (const collection of collections)
    lines.push([collection.name, ...actions.map((action) => cell(collection, action.key))]);
  return `${lines.map((line) => `| ${line.join(" | ")} |`).join("\n")}\n`;
}
