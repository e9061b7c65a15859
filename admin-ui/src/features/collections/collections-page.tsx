import { useQuery } from "@tanstack/react-query";
import { Database, Eye, Plus, Users } from "lucide-react";
import { collectionsQuery } from "@/api/collections";
import type { Collection, Rule } from "@/api/types";
import { DateText } from "@/components/date-text";
import { EmptyPanel, ErrorPanel } from "@/components/panels";
import { cx } from "@/lib/cx";
import { buttonClass } from "@/ui/button";
import { Badge } from "@/ui/badge";
import { Skeleton } from "@/ui/skeleton";

/** All collections at a glance, and the start of a new installation. */
export function CollectionsPage() {
  const query = useQuery(collectionsQuery);
  if (query.isError && !query.data)
    return (
      <ErrorPanel what="The collections can't be shown" error={query.error} onRetry={() => void query.refetch()} />
    );
  const own = query.data?.filter((collection) => !collection.system);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-[1000px] px-4 py-6">
        <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <h1 className="text-xl font-semibold">Collections</h1>
          <a href="#/new-collection" className={buttonClass("primary")}>
            <Plus size={14} aria-hidden /> New collection
          </a>
        </div>
        {own === undefined && <Loading />}
        {own && own.length > 0 && <Table collections={own} />}
        {own && own.length <= 1 && <Start />}
      </div>
    </div>
  );
}

function Start() {
  return (
    <div className="mt-4 rounded-lg border border-dashed border-line-strong bg-bg py-6">
      <EmptyPanel
        icon={<Database size={18} />}
        title="Start with a collection"
        actions={
          <a href="#/new-collection" className={buttonClass("primary")}>
            Create a collection
          </a>
        }
      >
        A collection is a table of records with typed fields, its own rules and an API that is there as soon as you save
        it.
      </EmptyPanel>
    </div>
  );
}

const icons = { base: Database, auth: Users, view: Eye } as const;

function Table({ collections }: { collections: Collection[] }) {
  return (
    <div
      className="overflow-x-auto rounded-md border border-line bg-bg"
      role="region"
      aria-label="All collections"
      tabIndex={0}
    >
      <table className="w-full border-collapse">
        <thead>
          <tr className="border-b border-line bg-canvas text-start text-ink-2">
            {["Name", "Fields", "List", "Create", "Update", "Updated"].map((title) => (
              <th
                key={title}
                scope="col"
                className={cx(
                  "h-9 px-3 text-start font-medium",
                  title !== "Name" && title !== "List" && "max-md:hidden",
                )}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {collections.map((collection) => {
            const Icon = icons[collection.type];
            return (
              <tr key={collection.id} className="border-b border-line last:border-0 hover:bg-hover">
                <th scope="row" className="h-11 px-3 text-start font-medium">
                  <a
                    href={`#/collections/${collection.name}`}
                    className="flex items-center gap-2 text-ink hover:text-accent-text hover:underline"
                  >
                    <Icon size={16} strokeWidth={1.75} className="shrink-0 text-ink-3" aria-label={collection.type} />
                    {collection.name}
                  </a>
                </th>
                <td className="tnum px-3 text-ink-2 max-md:hidden">{collection.fields.length}</td>
                <td className="px-3">
                  <RuleBadge rule={collection.listRule} />
                </td>
                <td className="px-3 max-md:hidden">
                  {collection.type === "view" ? (
                    <span className="text-ink-3">—</span>
                  ) : (
                    <RuleBadge rule={collection.createRule} />
                  )}
                </td>
                <td className="px-3 max-md:hidden">
                  {collection.type === "view" ? (
                    <span className="text-ink-3">—</span>
                  ) : (
                    <RuleBadge rule={collection.updateRule} />
                  )}
                </td>
                <td className="px-3 whitespace-nowrap text-ink-2 max-md:hidden">
                  <DateText value={collection.updated} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function RuleBadge({ rule }: { rule: Rule }) {
  if (rule === null) return <Badge>Superusers</Badge>;
  return rule === "" ? <Badge tone="warn">Everyone</Badge> : <Badge tone="accent">Only if…</Badge>;
}

function Loading() {
  return (
    <div className="space-y-4 pt-2" aria-busy>
      {[0, 1, 2, 3].map((n) => (
        <Skeleton key={n} className="!h-5 w-full" />
      ))}
    </div>
  );
}
