import { useQuery } from "@tanstack/react-query";
import { Database, Eye, LayoutTemplate, Plus, Upload, Users } from "lucide-react";
import { Suspense, useRef, useState, type RefObject } from "react";
import { collectionsQuery } from "@/api/collections";
import type { Collection, Rule } from "@/api/types";
import { DateText } from "@/components/date-text";
import { isLong, LongBody } from "@/components/long-table";
import { ErrorPanel } from "@/components/panels";
import { cx } from "@/lib/cx";
import { Button, buttonClass } from "@/ui/button";
import { Badge } from "@/ui/badge";
import { lazyPart } from "@/ui/lazy-part";
import { Skeleton } from "@/ui/skeleton";

const TemplatesDialog = lazyPart(
  () => import("./templates-dialog"),
  (m) => m.default,
);

/** All collections at a glance, and the start of a new installation. */
export function CollectionsPage({ onNavigate }: { onNavigate: (to: string) => void }) {
  const [choosing, setChoosing] = useState(false);
  const query = useQuery(collectionsQuery);
  const scroller = useRef<HTMLDivElement>(null);
  if (query.isError && !query.data)
    return (
      <ErrorPanel page what="The collections can't be shown" error={query.error} onRetry={() => void query.refetch()} />
    );
  const own = query.data?.filter((collection) => !collection.system);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-[1000px] px-4 py-6">
        <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <h1 className="text-xl font-semibold">Collections</h1>
          <span className="flex flex-wrap gap-2">
            <Button onClick={() => setChoosing(true)}>
              <LayoutTemplate size={14} aria-hidden /> Templates
            </Button>
            <a href="#/new-collection" className={buttonClass("primary")}>
              <Plus size={14} aria-hidden /> New collection
            </a>
          </span>
        </div>
        {own === undefined && <Loading />}
        {own && own.length > 0 && <Table scroller={scroller} collections={own} />}
        {own && own.length <= 1 && <Start onTemplates={() => setChoosing(true)} onNavigate={onNavigate} />}
      </div>
      {choosing && query.data && (
        <Suspense>
          <TemplatesDialog collections={query.data} onNavigate={onNavigate} onClose={() => setChoosing(false)} />
        </Suspense>
      )}
    </div>
  );
}

type StartProps = { onTemplates: () => void; onNavigate: (to: string) => void };

/** What people do first. */
function Start({ onTemplates, onNavigate }: StartProps) {
  const ways = [
    {
      icon: <Database size={18} aria-hidden />,
      label: "Create a collection",
      words: "A table of records with typed fields, rules of its own and an API that is there as soon as you save it.",
      run: () => onNavigate("/new-collection"),
    },
    {
      icon: <LayoutTemplate size={18} aria-hidden />,
      label: "Use a template",
      words: "A blog, a shop or a to-do list, with rules that keep strangers out.",
      run: onTemplates,
    },
    {
      icon: <Upload size={18} aria-hidden />,
      label: "Import schema",
      words: "Collections of another server as JSON, reviewed before anything changes.",
      run: () => onNavigate("/settings/schema-sync"),
    },
  ];
  return (
    <section aria-labelledby="start-title" className="mt-6">
      <h2 id="start-title" className="mb-2 text-lg font-semibold">
        Start
      </h2>
      <ul className="grid gap-3 md:grid-cols-3">
        {ways.map(({ icon, label, words, run }, index) => (
          <li key={label} className="flex flex-col items-start gap-2 rounded-lg border border-line bg-bg p-4">
            <span className="text-accent-text">{icon}</span>
            <p className="flex-1 text-ink-2">{words}</p>
            <Button tone={index === 0 ? "primary" : "secondary"} onClick={run}>
              {label}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const icons = { base: Database, auth: Users, view: Eye } as const;

type TableProps = { scroller: RefObject<HTMLElement | null>; collections: Collection[] };

function Table({ scroller, collections }: TableProps) {
  return (
    <div
      className="wider-than-seen overflow-x-auto rounded-md border border-line"
      role="region"
      aria-label="All collections"
      tabIndex={0}
    >
      <table
        className={cx("w-full border-collapse", isLong(collections) && "table-fixed")}
        aria-rowcount={collections.length + 1}
      >
        <thead>
          <tr className="border-b border-line bg-canvas text-start text-ink-2">
            {["Name", "Fields", "List", "Create", "Update", "Updated"].map((title) => (
              <th
                key={title}
                scope="col"
                className={cx(
                  "h-9 px-3 text-start font-medium",
                  title === "Name" && isLong(collections) && "w-1/3 max-sm:w-3/5",
                  title === "Updated" && isLong(collections) && "w-1/5",
                  title !== "Name" && title !== "List" && "max-md:hidden",
                )}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <LongBody rows={collections} scroller={scroller}>
          {(collection, props) => {
            const Icon = icons[collection.type];
            return (
              <tr key={collection.id} {...props} className="border-b border-line last:border-0 hover:bg-hover">
                <th scope="row" className="h-11 px-3 py-1.5 text-start font-medium">
                  <a
                    href={`#/collections/${collection.name}`}
                    className="flex items-center gap-2 text-ink hover:text-accent-text hover:underline"
                  >
                    <Icon size={16} strokeWidth={1.75} className="shrink-0 text-ink-3" aria-label={collection.type} />
                    <span className="w-max max-w-96 wrap-anywhere max-sm:max-w-[50vw]">{collection.name}</span>
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
          }}
        </LongBody>
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
