import { useQueries } from "@tanstack/react-query";
import { ruleCheckQuery, testRunQuery } from "@/api/rules";
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
        }${count(item.after?.count ?? 0, "record")}, ${item.before ? `${item.before.count} until now` : "none until now"}.`,
      }));
  });
  const failing = new Map(
    runs.flatMap((run) => (run.data?.results ?? []).filter((result) => !result.passed).map((r) => [r.id, r] as const)),
  );
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
      {failing.size > 0 && (
        <Notice tone="danger" role="status">
          <p className="font-medium">{count(failing.size, "saved test")} would fail</p>
          <ul aria-label="Failing tests" className="list-disc ps-5">
            {[...failing.values()].map((result) => (
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
