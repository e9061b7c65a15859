import { queryOptions } from "@tanstack/react-query";
import { ClientResponseError } from "pocketbase";
import { isObject, isString } from "@/lib/assert";
import { pb } from "./client";
import type { Collection } from "./types";

export type PlanStep = { kind: string; collection: string; sql: string; rows: number | null; rewrites: boolean };
export type PlanLoss = {
  kind: "field" | "items" | "collection";
  collection: string;
  field: string | null;
  values: number | null;
};
export type PlanReference = {
  id: string;
  kind: "rule" | "option" | "index" | "view" | "hook";
  where: string;
  line: number | null;
  before: string;
  after: string | null;
  certain: boolean;
  fixable: boolean;
  fix: boolean;
};
export type Plan = {
  hash: string;
  changes: { kind: "create" | "update" | "delete"; collection: string; members: string[] }[];
  steps: PlanStep[];
  loss: PlanLoss[];
  refs: PlanReference[];
  broken: unknown[];
  blocked: { message: string; data: unknown }[];
};

/** Collections as they are to be. Those that are not mentioned stay; of those that are, only the members that are given change. */
export type Wanted = {
  collections: (Partial<Collection> & { name: string })[];
  /** Collections that are not mentioned go, and so do fields. */
  deleteMissing?: boolean;
  /** Fields that a list of fields does not have go. */
  deleteFields?: boolean;
};
export type PlanRequest = Wanted & { fixRefs?: string[] };

export function planQuery(request: PlanRequest) {
  return queryOptions({
    queryKey: ["schema-plan", request],
    queryFn: ({ signal }) => pb.send<Plan>("/api/stead/schema/plan", { method: "POST", body: request, signal }),
    retry: false,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    placeholderData: (previous) => previous,
  });
}

export function applyPlan(request: PlanRequest, hash: string): Promise<unknown> {
  return pb.send("/api/stead/schema/apply", { method: "POST", body: { ...request, hash } });
}

/** The schema moved since the plan was made: the plan as it is now. */
export function movedPlan(error: unknown): Plan | null {
  if (!(error instanceof ClientResponseError) || error.status !== 409) return null;
  const data: unknown = error.response["data"];
  const plan = isObject(data) ? data["plan"] : null;
  return isPlan(plan) ? plan : null;
}

function isPlan(value: unknown): value is Plan {
  return isObject(value) && isString(value["hash"]) && Array.isArray(value["refs"]);
}
