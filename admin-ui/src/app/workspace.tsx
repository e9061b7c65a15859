import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Database, Ellipsis, Eraser, Eye, Trash2, Users } from "lucide-react";
import { lazy, Suspense } from "react";
import { collectionsQuery, deleteCollection, truncateCollection } from "@/api/collections";
import type { Collection } from "@/api/types";
import { confirm } from "@/components/confirm";
import { copyText } from "@/components/copy";
import { useLeaveGuard } from "@/components/leave-guard";
import { EmptyPanel, ErrorPanel } from "@/components/panels";
import { toast } from "@/components/toasts";
import { RecordsPage } from "@/features/records/page";
import { tabOfError } from "@/features/schema/model";
import { buttonClass, IconButton } from "@/ui/button";
import { Badge } from "@/ui/badge";
import { Menu } from "@/ui/menu";
import { TabPanel, TabRoot, TabStrip, type TabSpec } from "@/ui/tabs";
import { collectionHref, type CollectionSearch } from "./paths";
import { PendingBar } from "./pending-bar";
import { useCollectionEditor } from "./use-collection-editor";

const SchemaTab = lazy(() => import("@/features/schema/schema-tab").then((m) => ({ default: m.SchemaTab })));
const ReviewDialog = lazy(() => import("@/features/schema/review-dialog").then((m) => ({ default: m.ReviewDialog })));
const RulesTab = lazy(() => import("@/features/rules/rules-tab").then((m) => ({ default: m.RulesTab })));
const AuthTab = lazy(() => import("@/features/auth-options/auth-tab").then((m) => ({ default: m.AuthTab })));

type WorkspaceProps = {
  name: string;
  search: CollectionSearch;
  onSearch: (change: Partial<CollectionSearch>) => void;
  onNavigate: (to: string) => void;
};

export function Workspace({ name, ...rest }: WorkspaceProps) {
  const query = useQuery(collectionsQuery);
  if (query.isError && !query.data)
    return <ErrorPanel what="The collection can't be shown" error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <div aria-busy className="flex-1" />;
  const collection = query.data.find((known) => known.name === name || known.id === name);
  if (!collection) {
    return (
      <EmptyPanel
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
    passes: (from, to) => from.pathname === to.pathname || editor.busy,
    what: `Changes to the collection ${collection.name} have not been applied.`,
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
  ];
  const tab = tabs.some((known) => known.id === search.tab) ? search.tab : "records";
  const Icon = icons[collection.type];
  const taken = collections.filter((other) => other.id !== collection.id).map((other) => other.name);
  return (
    <TabRoot
      value={tab}
      onValueChange={(next) => onSearch({ tab: next === "records" ? "" : next, record: "" })}
      className="flex min-h-0 flex-1 flex-col"
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
          <RulesTab draft={draft} errors={errors} />
        </Scroll>
        <Scroll value="auth">
          <AuthTab draft={draft} errors={errors} />
        </Scroll>
        <PendingBar editor={editor} base={draft.base} />
        {editor.reviewing && (
          <ReviewDialog
            base={draft.base}
            draft={draft.value}
            isNew={false}
            busy={editor.busy}
            failure={editor.failure}
            collections={collections}
            onApply={(fixes) => void editor.apply(fixes)}
            onClose={editor.closeReview}
          />
        )}
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

function CollectionMenu({ collection, onNavigate }: { collection: Collection; onNavigate: (to: string) => void }) {
  const client = useQueryClient();
  const { name, type, system } = collection;

  function askTruncate() {
    confirm({
      title: `Delete all records of ${name}?`,
      verb: "Delete all records",
      typed: name,
      body: "Every record and its files are deleted. The collection, its fields and rules stay. This can't be undone.",
      run: async () => {
        await truncateCollection(collection.id);
        await client.invalidateQueries({ queryKey: ["records"] });
        toast(`All records of ${name} deleted`);
      },
    });
  }
  function askDelete() {
    confirm({
      title: `Delete collection ${name}?`,
      verb: "Delete collection",
      typed: name,
      body:
        type === "view"
          ? "The view is deleted; the records it shows stay."
          : "All its records and files are deleted with it. This can't be undone.",
      run: async () => {
        await deleteCollection(collection.id);
        onNavigate("/collections");
        await client.invalidateQueries({ queryKey: ["collections"] });
        toast(`Collection ${name} deleted`);
      },
    });
  }
  const fixed = system ? "Not for a system collection" : undefined;
  return (
    <Menu
      trigger={
        <IconButton label={`Actions for ${name}`}>
          <Ellipsis size={16} />
        </IconButton>
      }
      items={[
        { label: "Copy name", icon: <Copy size={14} />, run: () => copyText("Name", name) },
        {
          label: "Duplicate…",
          icon: <Copy size={14} />,
          blocked: fixed,
          run: () => onNavigate(`/new-collection?from=${encodeURIComponent(name)}`),
        },
        { kind: "separator", label: "danger" },
        {
          label: "Delete all records…",
          icon: <Eraser size={14} />,
          danger: true,
          blocked: fixed ?? (type === "view" ? "A view has no records of its own" : undefined),
          run: askTruncate,
        },
        { label: "Delete collection…", icon: <Trash2 size={14} />, danger: true, blocked: fixed, run: askDelete },
      ]}
    />
  );
}
