import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { inFull } from "@/api/errors";
import { deleteRuleTest, ruleTestsQuery, testRunQuery, type RuleTest } from "@/api/rules";
import { toast } from "@/components/toasts";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { expectation } from "./model";

/** The tests of this collection's rules, and whether they hold with what is saved. */
export function SavedTests({ collection }: { collection: string }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const tests = (useQuery(ruleTestsQuery).data ?? []).filter((test) => test.collection === collection);
  const run = useQuery({ ...testRunQuery(null), enabled: asked && tests.length > 0 });
  if (tests.length === 0) return null;
  const results = new Map((run.data?.results ?? []).map((result) => [result.id, result]));
  async function remove(test: RuleTest) {
    try {
      await deleteRuleTest(test.id);
      await client.invalidateQueries({ queryKey: ruleTestsQuery.queryKey });
    } catch (error) {
      toast(inFull(error), "danger");
    }
  }
  return (
    <section aria-labelledby="tests-title" className="pt-4">
      <div className="mb-2 flex flex-wrap items-end justify-between gap-2">
        <h2 id="tests-title" className="text-lg font-semibold">
          Saved tests
        </h2>
        <Button busy={run.isFetching} onClick={() => (asked ? void run.refetch() : setAsked(true))}>
          <Play size={14} aria-hidden /> Run saved tests
        </Button>
      </div>
      <ul aria-label="Saved tests" className="divide-y divide-line rounded-md border border-line bg-bg">
        {tests.map((test) => {
          const result = results.get(test.id);
          return (
            <li key={test.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
              <span className="min-w-0 flex-1">
                <span className="font-medium break-words">{test.name}</span>
                <span className="block text-sm text-ink-3">
                  {test.action} as {typeof test.as === "string" ? test.as : `${test.as.collection} ${test.as.id}`},
                  expects {expectation(test.expect)}
                </span>
                {result && !result.passed && <span className="block text-sm text-danger-text">{result.reason}</span>}
              </span>
              {result && <Badge tone={result.passed ? "ok" : "danger"}>{result.passed ? "passed" : "failed"}</Badge>}
              <IconButton label={`Delete test ${test.name}`} small onClick={() => void remove(test)}>
                <Trash2 size={14} />
              </IconButton>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
