import { useQueries, useQuery } from "@tanstack/react-query";
import { ruleCheckQuery, ruleTestsQuery, testRunQuery } from "@/api/rules";
import type { Collection } from "@/api/types";
import { count } from "@/lib/words";
import { Notice } from "@/ui/notice";
import { useSampleIdentities } from "./identities";
import { distinct, labActions, ruleOf } from "./model";

type WideningProps = { base: Collection; draft: Collection; collections: Collection[] };

/** Who gets to more than before by the rules that are about to be saved, and which saved tests would fail then. */
export function Widening({ base, draft }: WideningProps) {
  const { identities, nameOf } = useSampleIdentities();
  const changed = labActions.filter(({ key }) => ruleOf(base, key) !== ruleOf(draft, key));
  const counted = changed.filter(({ action }) => action !== "create");
  const checks = useQueries({
    queries: counted.map(({ key, action }) => ruleCheckQuery(base.id, action, ruleOf(draft, key), identities)),
  });
  const runs = useQueries({
    queries: changed.map(({ key, action }) => testRunQuery({ collection: base.id, action, rule: ruleOf(draft, key) })),
  });
  const wider = counted.flatMap(({ action, does }, index) => {
    const reach = checks[index]?.data?.reach;
    return distinct(reach?.identities ?? [])
      .filter((item) => item.widens && item.after)
      .map((item) => ({
        key: `${action} ${nameOf(item.as)}`,
        text: `${item.as === "guest" ? "Guests" : nameOf(item.as)} will be able to ${does} ${
          item.after?.complete ? "" : "at least "
        }${count(item.after?.count ?? 0, "record")}, ${item.before && item.before.count > 0 ? `${item.before.count} until now` : "none until now"}.`,
      }));
  });
  const tests = useQuery(ruleTestsQuery).data ?? [];
  // Each run is as if one rule were saved: it says something about the tests of that rule alone.
  const failing = changed.flatMap(({ action }, index) => {
    const own = new Set(
      tests.filter((test) => test.collection === base.id && test.action === action).map((test) => test.id),
    );
    return (runs[index]?.data?.results ?? []).filter((result) => !result.passed && own.has(result.id));
  });
  return (
    <>
      {wider.length > 0 && (
        <Notice tone="warn" role="status">
          <ul aria-label="Wider access">
            {wider.map((item) => (
              <li key={item.key}>{item.text}</li>
            ))}
          </ul>
        </Notice>
      )}
      {failing.length > 0 && (
        <Notice tone="danger" role="status">
          <p className="font-medium">{count(failing.length, "saved test")} would fail</p>
          <ul aria-label="Failing tests" className="list-disc ps-5">
            {failing.map((result) => (
              <li key={result.id}>
                {result.name}: {result.reason}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  );
}
