import { queryOptions } from "@tanstack/react-query";
import { pb } from "./client";

export type Insights = {
  entries: number;
  since: string;
  slowest: { request: string; count: number; meanMs: number; p95Ms: number; maxMs: number; totalMs: number }[];
  failures: { request: string; status: number; error: string; count: number }[];
  missingIndexes: { collection: string; statement: string; rows: number; for: string }[];
  unusedIndexes: { collection: string; index: string; statement: string }[];
};

/** What the log of a week says about a collection. */
export function insightsQuery(collection: string) {
  return queryOptions({
    queryKey: ["insights", collection],
    queryFn: ({ signal }) => pb.send<Insights>("/api/stead/insights", { method: "GET", query: { collection }, signal }),
    staleTime: 30_000,
    retry: false,
  });
}
