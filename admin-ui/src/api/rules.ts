import { queryOptions } from "@tanstack/react-query";
import { pb } from "./client";
import type { Rule } from "./types";

export type RuleAction = "list" | "view" | "create" | "update" | "delete" | "manage";
/** Who asks: a guest, a superuser, or somebody with an account. */
export type Identity = "guest" | "superuser" | { collection: string; id: string };

export type Diagnostic = {
  from: number;
  to: number;
  severity: "error" | "warning" | "info";
  code: string;
  message: string;
  fix?: { from: number; to: number; text: string } | null;
};
export type Counted = { count: number; complete: boolean };
export type Reach = { as: Identity; before: Counted | null; after: Counted | null; widens: boolean };
export type RuleCheck = {
  ok: boolean;
  diagnostics: Diagnostic[];
  words: string | null;
  conditions: number;
  joins: { path: string; many: boolean }[];
  index: string | null;
  scans: boolean;
  reach?: { total: number | null; identities: Reach[]; partial: boolean };
};

/** What the server says about a rule that has not been saved; without identities nothing is counted. */
export function ruleCheckQuery(collection: string, action: RuleAction, rule: Rule, identities?: Identity[]) {
  return queryOptions({
    queryKey: ["rules", "check", collection, action, rule, identities ?? null],
    queryFn: ({ signal }) =>
      pb.send<RuleCheck>("/api/stead/rules/check", {
        method: "POST",
        body: { collection, action, rule, ...(identities ? { reach: true, identities } : {}) },
        signal,
      }),
    retry: false,
    staleTime: 10_000,
    gcTime: 30_000,
  });
}

export type Outcome = boolean | null | "no record" | "unknown";
type NodePlace = { text: string; from: number; to: number; outcome: Outcome; note?: string | null };
export type Compare = NodePlace & {
  op: "compare";
  left: string;
  operator: string;
  right: string;
  match: "one" | "any" | "all";
  pairs: { left: unknown; right: unknown; outcome: Outcome }[];
};
export type Join = NodePlace & { op: "all" | "any"; children: TreeNode[] };
export type TreeNode = Compare | Join;

export type Explained = {
  allowed: boolean | null;
  wireStatus: number | null;
  message: string | null;
  data: unknown;
  skipped: boolean;
  tree: TreeNode | null;
  error: string | null;
  matched: number | null;
  matchedComplete: boolean;
  total: number | null;
  sql: string | null;
  plan: string[];
  partial: boolean;
};

/** A question to a rule. `rule` left out stands for the saved one. */
export type RuleQuestion = {
  collection: string;
  action: RuleAction;
  rule?: Rule;
  as: Identity;
  record?: string;
  body?: Record<string, unknown>;
};

export function explainRule(question: RuleQuestion): Promise<Explained> {
  return pb.send<Explained>("/api/stead/rules/explain", { method: "POST", body: question });
}

export type RuleTest = Omit<RuleQuestion, "rule"> & {
  id: string;
  name: string;
  expect: { allowed: boolean | null; wireStatus: number | null };
};
export type TestResult = {
  id: string;
  name: string;
  passed: boolean;
  reason: string;
  allowed: boolean | null;
  wireStatus: number | null;
};
export type TestRun = { passed: number; failed: number; results: TestResult[] };

export const ruleTestsQuery = queryOptions({
  queryKey: ["rules", "tests"],
  queryFn: async ({ signal }) =>
    (await pb.send<{ items: RuleTest[] }>("/api/stead/rules/tests", { method: "GET", signal })).items,
  retry: false,
});

export function saveRuleTest(test: Omit<RuleTest, "id">): Promise<RuleTest> {
  return pb.send<RuleTest>("/api/stead/rules/tests", { method: "POST", body: test });
}

export function deleteRuleTest(id: string): Promise<unknown> {
  return pb.send(`/api/stead/rules/tests/${encodeURIComponent(id)}`, { method: "DELETE" });
}

type AsIf = { collection: string; action: RuleAction; rule: Rule };

/** Runs the saved tests, as if a rule were saved already. */
export function testRunQuery(asIf: AsIf | null) {
  return queryOptions({
    queryKey: ["rules", "run", asIf],
    queryFn: ({ signal }) =>
      pb.send<TestRun>("/api/stead/rules/tests/run", { method: "POST", body: asIf ?? {}, signal }),
    retry: false,
    staleTime: 0,
    gcTime: 30_000,
  });
}
