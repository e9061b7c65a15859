import { useQueries, useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/collections";
import { countQuery } from "@/api/records";
import { cx } from "@/lib/cx";
import { count, groupDigits } from "@/lib/words";

function Count({ n, changed }: { n: number | undefined; changed?: boolean }) {
  return <td className={cx("text-end", changed && "font-semibold")}>{n === undefined ? "—" : groupDigits(n)}</td>;
}

/** What is there now and will be replaced, beside what the backup had. */
export function CountsBeside({ then }: { then: Record<string, number> | null }) {
  const collections = (useQuery(collectionsQuery).data ?? []).filter(
    (collection) => !collection.system && collection.type !== "view",
  );
  const counts = useQueries({ queries: collections.map((collection) => countQuery(collection.name, "")) });
  const gone = Object.keys(then ?? {}).filter((name) => !collections.some((collection) => collection.name === name));
  const rows = [
    ...collections.map(({ name }, index) => ({ name, now: counts[index]?.data })),
    ...gone.map((name) => ({ name, now: undefined })),
  ];
  return (
    // It is scrolled by keys too.
    <div
      role="region"
      aria-label={`Records of ${count(rows.length, "collection")}`}
      tabIndex={0}
      className="max-h-64 overflow-y-auto rounded-md border border-line"
    >
      <table className="tnum w-full">
        <caption className="sr-only">Records now and in the backup</caption>
        <thead className="sticky top-0 bg-raised">
          <tr className="text-ink-2 [&>th]:px-3 [&>th]:py-1.5 [&>th]:font-medium">
            <th scope="col" className="text-start">
              Collection
            </th>
            <th scope="col" className="text-end">
              Now
            </th>
            {then && (
              <th scope="col" className="text-end">
                In the backup
              </th>
            )}
          </tr>
        </thead>
        <tbody className="[&_td]:px-3 [&_td]:py-0.5 [&_th]:px-3">
          {rows.map(({ name, now }) => (
            <tr key={name}>
              <th scope="row" className="max-w-48 truncate text-start font-normal" title={name}>
                {name}
              </th>
              <Count n={now} />
              {then && <Count n={then[name]} changed={now !== undefined && now !== then[name]} />}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
