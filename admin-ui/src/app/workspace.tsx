import { useQuery } from "@tanstack/react-query";
import { Database, Eye, Users } from "lucide-react";
import { Suspense } from "react";
import { collectionsQuery } from "@/api/collections";
import type { Collection } from "@/api/types";
import { useLeaveGuard } from "@/components/leave-guard";
import { EmptyPanel, ErrorPanel } from "@/components/panels";
import { RecordsPage } from "@/features/records/page";
import { buttonClass } from "@/ui/button";
import { Badge } from "@/ui/badge";
import { lazyPart } from "@/ui/lazy-part";
import { TabPanel, TabRoot, TabStrip, type TabSpec } from "@/ui/tabs";
import { CollectionMenu } from "./collection-menu";
import { editorKeys } from "./editor-keys";
import { tabOfError } from "./error-tabs";
import { collectionHref, type CollectionSearch } from "./paths";
import { useCollectionEditor } from "./use-collection-editor";

const PendingBar = lazyPart(
  () => import("./pending-bar"),
  (m) => m.PendingBar,
);
const SchemaTab = lazyPart(
  () => import("@/features/schema/schema-tab"),
  (m) => m.SchemaTab,
);
const Review = lazyPart(
  () => import("./review"),
  (m) => m.Review,
);
const RulesTab = lazyPart(
  () => import("@/features/rules/rules-tab"),
  (m) => m.RulesTab,
);
const ApiTab = lazyPart(
  () => import("@/features/playground/api-tab"),
  (m) => m.ApiTab,
);
const InsightsTab = lazyPart(
  () => import("@/features/insights/insights-tab"),
  (m) => m.InsightsTab,
);
const AuthTab = lazyPart(
  () => import("@/features/auth-options/auth-tab"),
  (m) => m.AuthTab,
);

type WorkspaceProps = {
  name: string;
  search: CollectionSearch;
  onSearch: (change: Partial<CollectionSearch>) => void;
  onNavigate: (to: string) => void;
};

export function Workspace({ name, ...rest }: WorkspaceProps) {
  const query = useQuery(collectionsQuery);
  if (query.isError && !query.data)
    return (
      <ErrorPanel page what="The collection can't be shown" error={query.error} onRetry={() => void query.refetch()} />
    );
  if (!query.data) return <div aria-busy className="flex-1" />;
  const collection = query.data.find((known) => known.name === name || known.id === name);
  if (!collection) {
    return (
      <EmptyPanel
        page
        title={`There is no collection ${name}`}
        actions={
          <a href="#/collections" className={buttonClass()}>
            All collections
          </a>
        }
      >
        It may have been renamed or deleted.
      </EmptyPanel>
    );
  }
  return <Loaded key={collection.id} collection={collection} collections={query.data} {...rest} />;
}

const icons = { base: Database, auth: Users, view: Eye } as const;

type LoadedProps = Omit<WorkspaceProps, "name"> & { collection: Collection; collections: Collection[] };

function Loaded({ collection, collections, search, onSearch, onNavigate }: LoadedProps) {
  const editor = useCollectionEditor(collection, false, (saved) => {
    if (saved.name !== collection.name) onNavigate(`/collections/${saved.name}?tab=schema`);
  });
  const { draft, errors } = editor;
  useLeaveGuard({
    dirty: editor.dirty,
    passes: (from, to) => from.pathname === to.pathname || editor.isHome(to.pathname),
    what: `Changes to the collection ${collection.name} have not been applied.`,
    boxes: true,
    onLeave: () => undefined,
  });
  const wrong = (tab: string) => {
    const n = Object.keys(errors).filter((path) => tabOfError(path) === tab).length;
    return n > 0 ? <Badge tone="danger">{n}</Badge> : undefined;
  };
  const tabs: TabSpec[] = [
    { id: "records", label: "Records" },
    { id: "schema", label: "Schema", badge: wrong("schema") },
    { id: "rules", label: "Rules", badge: wrong("rules") },
    ...(collection.type === "auth" ? [{ id: "auth", label: "Auth", badge: wrong("auth") }] : []),
    { id: "api", label: "API" },
    { id: "insights", label: "Insights" },
  ];
  const tab = tabs.some((known) => known.id === search.tab) ? search.tab : "records";
  const Icon = icons[collection.type];
  const taken = collections.filter((other) => other.id !== collection.id).map((other) => other.name);
  return (
    <TabRoot
      value={tab}
      onValueChange={(next) => onSearch({ tab: next === "records" ? "" : next, record: "" })}
      className="flex min-h-0 flex-1 flex-col"
      {...(["schema", "rules", "auth"].includes(tab) ? { onKeyDown: editorKeys(editor, editor.dirty) } : {})}
    >
      <div className="flex shrink-0 flex-wrap items-stretch gap-x-5 border-b border-line bg-bg ps-4 pe-2">
        <h1 className="flex min-h-11 min-w-0 items-center gap-2 text-lg font-semibold max-sm:flex-1">
          <Icon size={16} strokeWidth={1.75} className="shrink-0 text-ink-3" aria-hidden />
          <span className="truncate">{collection.name}</span>
          {collection.type !== "base" && <Badge>{collection.type}</Badge>}
        </h1>
        <div className="-mx-2 max-sm:order-last max-sm:basis-full">
          <TabStrip label={`Views of ${collection.name}`} tabs={tabs} />
        </div>
        <span className="ms-auto flex items-center">
          <CollectionMenu collection={collection} onNavigate={onNavigate} />
        </span>
      </div>
      <TabPanel value="records" className="flex min-h-0 flex-1 flex-col outline-none" tabIndex={-1}>
        <RecordsPage
          collection={collection}
          search={search}
          onSearch={onSearch}
          hrefOf={(record) => collectionHref(collection.name, { ...search, tab: "", record })}
        />
      </TabPanel>
      <Suspense fallback={<div aria-busy className="flex-1" />}>
        <Scroll value="schema">
          <SchemaTab draft={draft} errors={errors} taken={taken} isNew={false} />
        </Scroll>
        <Scroll value="rules">
          <RulesTab draft={draft} errors={errors} test={search.record} />
        </Scroll>
        <Scroll value="auth">
          <AuthTab draft={draft} errors={errors} />
        </Scroll>
        <Scroll value="api">
          <ApiTab collection={collection} />
        </Scroll>
        <Scroll value="insights">
          <InsightsTab draft={draft} />
        </Scroll>
      </Suspense>
      <Suspense>{editor.dirty && <PendingBar editor={editor} base={draft.base} />}</Suspense>
      <Suspense>
        {editor.reviewing && <Review editor={editor} base={draft.base} isNew={false} collections={collections} />}
      </Suspense>
    </TabRoot>
  );
}

function Scroll({ value, children }: { value: string; children: React.ReactNode }) {
  return (
    <TabPanel value={value} className="min-h-0 flex-1 overflow-y-auto -outline-offset-2">
      {children}
    </TabPanel>
  );
}
