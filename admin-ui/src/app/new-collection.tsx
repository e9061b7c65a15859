import { useQuery } from "@tanstack/react-query";
import { Database, Eye, Users } from "lucide-react";
import { useState } from "react";
import { collectionsQuery, scaffoldsQuery } from "@/api/collections";
import type { Collection, CollectionType } from "@/api/types";
import { useLeaveGuard } from "@/components/leave-guard";
import { ErrorPanel } from "@/components/panels";
import { toast } from "@/components/toasts";
import { AuthTab } from "@/features/auth-options/auth-tab";
import { RulesTab } from "@/features/rules/rules-tab";
import { nameProblem } from "@/features/schema/model";
import { carriedOver } from "@/features/schema/retype";
import { freshId } from "@/fields/fresh-id";
import { SchemaTab } from "@/features/schema/schema-tab";
import { newField } from "@/fields/registry";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Kbd } from "@/ui/kbd";
import { Segmented } from "@/ui/radio";
import { TabPanel, TabRoot, TabStrip } from "@/ui/tabs";
import { refuseUnread } from "@/ui/unread";
import { editorKeys } from "./editor-keys";
import { tabOfError } from "./error-tabs";
import { collectionPath } from "./paths";
import { Review } from "./review";
import { useCollectionEditor } from "./use-collection-editor";

type NewCollectionProps = { from: string; onNavigate: (to: string) => void };

/** A new collection is edited with the same tabs as an existing one. */
export default function NewCollection({ from, onNavigate }: NewCollectionProps) {
  const scaffolds = useQuery(scaffoldsQuery);
  const collections = useQuery(collectionsQuery);
  const source = collections.data?.find((collection) => collection.name === from);
  if (!scaffolds.data || !collections.data) {
    const failed = scaffolds.error ?? collections.error;
    if (!failed) return <div aria-busy className="flex-1" />;
    const retry = () => [scaffolds, collections].forEach((query) => query.isError && void query.refetch());
    return <ErrorPanel page what="A collection can't be created now" error={failed} onRetry={retry} />;
  }
  return (
    <Editor
      key={from}
      source={source ?? null}
      scaffolds={scaffolds.data}
      taken={collections.data.map((collection) => collection.name)}
      onNavigate={onNavigate}
    />
  );
}

/** The scaffold has what is needed; nearly every collection also wants to know when its records were made. */
function startOf(scaffold: Collection): Collection {
  if (scaffold.type === "view") return scaffold;
  const created = { ...newField("autodate", "created", freshId("autodate")) };
  const updated = { ...newField("autodate", "updated", freshId("autodate")), onCreate: true, onUpdate: true };
  return { ...scaffold, fields: [...scaffold.fields, created, updated] };
}

/** Names of indexes are unique in the whole database; the server finds the table name by itself. */
function copyOf(source: Collection): Collection {
  const suffix = freshId("text").slice(-6);
  return {
    ...source,
    id: "",
    name: `${source.name}_copy`,
    indexes: source.indexes.map((sql) => sql.replace(/(index\s+[`"[]?)(\w+)/i, `$1$2_${suffix}`)),
  };
}

function isType(value: string): value is CollectionType {
  return value === "base" || value === "auth" || value === "view";
}

type EditorProps = {
  /** What it is a copy of. */
  source: Collection | null;
  scaffolds: Record<CollectionType, Collection>;
  taken: string[];
  onNavigate: (to: string) => void;
};

function Editor({ source, scaffolds, taken, onNavigate }: EditorProps) {
  const [base, setBase] = useState(() => (source ? copyOf(source) : startOf(scaffolds.base)));
  /** What was entered for other types, to come back to. */
  const [left, setLeft] = useState<Partial<Record<CollectionType, Collection>>>({});
  const [tab, setTab] = useState("schema");
  const { type } = base;
  const editor = useCollectionEditor(base, true, (saved) => onNavigate(collectionPath(saved.name)));
  const { draft, errors } = editor;
  useLeaveGuard({
    dirty: draft.dirty.length > 0,
    passes: (from, to) => from.pathname === to.pathname || editor.isHome(to.pathname),
    what: "The new collection has not been created.",
    boxes: true,
    onLeave: () => undefined,
  });
  function retype(next: CollectionType) {
    const start = startOf(scaffolds[next]);
    setBase(start);
    setLeft({ ...left, [type]: draft.value });
    draft.reset(start, carriedOver({ from: base, mine: draft.value, to: start, before: left }));
  }
  const problem = draft.value.name === "" ? "Give the collection a name first" : nameProblem(draft.value.name, taken);
  const wrong = (id: string) => {
    const n = Object.keys(errors).filter((path) => tabOfError(path) === id).length;
    return n > 0 ? <Badge tone="danger">{n}</Badge> : undefined;
  };
  /** Another tab would forget what can't be read in this one. */
  function show(next: string) {
    const unread = refuseUnread();
    if (unread === null) setTab(next);
    else toast(unread, "danger");
  }
  return (
    <TabRoot
      value={tab}
      onValueChange={show}
      className="flex min-h-0 flex-1 flex-col"
      onKeyDown={editorKeys(editor, problem === null)}
    >
      <div className="flex shrink-0 flex-wrap items-stretch gap-x-5 border-b border-line bg-bg px-4">
        <h1 className="flex min-h-11 items-center text-lg font-semibold">New collection</h1>
        <TabStrip
          label="Parts of the new collection"
          tabs={[
            { id: "schema", label: "Schema", badge: wrong("schema") },
            { id: "rules", label: "Rules", badge: wrong("rules") },
            ...(type === "auth" ? [{ id: "auth", label: "Auth", badge: wrong("auth") }] : []),
          ]}
        />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <TabPanel value="schema" tabIndex={-1}>
          {source === null && (
            <div className="mx-auto w-full max-w-[760px] px-4 pt-6">
              <Segmented
                label="Type of collection"
                value={type}
                onChange={(next) => isType(next) && next !== type && retype(next)}
                options={[
                  { value: "base", label: "Base", icon: <Database size={14} aria-hidden /> },
                  { value: "auth", label: "Auth", icon: <Users size={14} aria-hidden /> },
                  { value: "view", label: "View", icon: <Eye size={14} aria-hidden /> },
                ]}
              />
              <p className="mt-1.5 text-sm text-ink-3">{hints[type]}</p>
            </div>
          )}
          <SchemaTab draft={draft} errors={errors} taken={taken} isNew />
        </TabPanel>
        <TabPanel value="rules">
          <RulesTab draft={draft} errors={errors} />
        </TabPanel>
        <TabPanel value="auth">
          <AuthTab draft={draft} errors={errors} />
        </TabPanel>
      </div>
      <section
        aria-label="Pending schema changes"
        className="flex shrink-0 items-center justify-end gap-2 border-t border-line bg-bg px-4 py-2.5"
      >
        <Button tone="ghost" onClick={() => onNavigate("/collections")}>
          Discard
        </Button>
        <Button tone="primary" blocked={problem} onClick={editor.review}>
          Review changes <Kbd>{/mac/i.test(navigator.userAgent) ? "⌘S" : "Ctrl S"}</Kbd>
        </Button>
      </section>
      {editor.reviewing && <Review editor={editor} base={base} isNew collections={[]} />}
    </TabRoot>
  );
}

const hints: Record<CollectionType, string> = {
  base: "Records with fields of your choice.",
  auth: "Records that can sign in: users, with e-mail, password and tokens.",
  view: "Rows of a query, read-only, always up to date.",
};
