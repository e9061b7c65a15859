import { useQuery } from "@tanstack/react-query";
import { Copy, Download, LayoutGrid, Plus, ZoomIn, ZoomOut } from "lucide-react";
import { useState, type ReactNode } from "react";
import { collectionsQuery } from "@/api/collections";
import { inFull } from "@/api/errors";
import type { Collection } from "@/api/types";
import { copyText } from "@/components/copy";
import { useFeature } from "@/components/features";
import { useLeaveGuard } from "@/components/leave-guard";
import { EmptyPanel, ErrorPanel } from "@/components/panels";
import { saveFile } from "@/components/save-file";
import { toast } from "@/components/toasts";
import { usePref } from "@/components/use-pref";
import { count } from "@/lib/words";
import { Button, IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { Segmented } from "@/ui/radio";
import { Skeleton } from "@/ui/skeleton";
import { Switch } from "@/ui/switch";
import { useMedia } from "@/ui/use-media";
import { Canvas } from "./canvas";
import { edgesOf, layout, neighbours, pendingOf, readPositions, toMermaid, type Edit, type Pending } from "./model";
import { NewFieldDialog, type FieldStart } from "./new-field-dialog";
import { inkOf, toPng, toSvg } from "./picture";
import { RelationList } from "./relation-list";

type DiagramProps = {
  /** What the changes mean, before they are applied. */
  review: (pending: Pending, done: () => void, close: () => void) => ReactNode;
  onOpen: (name: string) => void;
};

const noEdit = "This server does not plan schema changes; use the Schema tab";

/** All collections and how they point at each other. */
export function DiagramPage({ review, onOpen }: DiagramProps) {
  const query = useQuery(collectionsQuery);
  if (query.isError && !query.data)
    return (
      <ErrorPanel page what="The diagram can't be shown" error={query.error} onRetry={() => void query.refetch()} />
    );
  if (!query.data)
    return (
      <div aria-busy className="p-4">
        <Skeleton className="!h-8 w-72" />
      </div>
    );
  return <Diagram stored={query.data} catchUp={query.refetch} review={review} onOpen={onOpen} />;
}

type LoadedProps = DiagramProps & { stored: Collection[]; catchUp: () => Promise<{ error: Error | null }> };

function Diagram({ stored, catchUp, review, onOpen }: LoadedProps) {
  const editable = useFeature("schema-plan") === true;
  const wide = useMedia("(min-width: 40rem)");
  const [asList, setAsList] = useState<boolean | null>(null);
  const [system, setSystem] = useState(false);
  const [search, setSearch] = useState("");
  const [focus, setFocus] = useState<string | null>(null);
  const [zoom, setZoom] = useState(1);
  const [edits, setEdits] = useState<Record<string, Edit>>({});
  const [adding, setAdding] = useState<FieldStart | null>(null);
  const [reviewing, setReviewing] = useState(false);
  const kept = usePref("shared", "diagram.positions", readPositions);
  const pending = pendingOf(stored, edits);
  const all = stored.map((now) => pending.find(({ draft }) => draft.id === now.id)?.draft ?? now);
  const shown = all.filter((collection) => system || !collection.system);
  const edges = edgesOf(shown);
  const positions = { ...layout(shown), ...kept.value };
  const term = search.trim().toLowerCase();
  const found = term === "" ? null : (shown.find((collection) => collection.name.toLowerCase().includes(term)) ?? null);
  const near = focus === null ? null : neighbours(focus, edges);
  const added = pending.reduce((sum, { base, draft }) => sum + draft.fields.length - base.fields.length, 0);
  const change = (draft: Collection) => {
    const from = stored.find(({ id }) => id === draft.id) ?? draft;
    setEdits((now) => ({ ...now, [draft.id]: { from, draft } }));
  };
  useLeaveGuard({
    dirty: pending.length > 0,
    passes: (from, to) => from.pathname === to.pathname,
    what: "Changes in the diagram have not been applied.",
    onLeave: () => undefined,
  });
  const list = asList ?? !wide;
  /** What is reviewed stands on what the collections are now. */
  async function openReview() {
    const { error } = await catchUp();
    if (error) toast(`The changes can't be reviewed now. ${inFull(error)}`, "danger");
    else setReviewing(true);
  }
  function save(kind: "svg" | "png") {
    const svg = toSvg(shown, positions, inkOf(getComputedStyle(document.documentElement)));
    if (kind === "svg") saveFile("diagram.svg", "image/svg+xml", svg);
    else
      toPng(svg).then(
        (png) => saveFile("diagram.png", "image/png", png),
        (error: unknown) => toast(String(error), "danger"),
      );
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-bg px-4 py-1.5">
        <h1 className="me-2 text-lg font-semibold">Diagram</h1>
        <input
          type="search"
          aria-label="Find a collection"
          placeholder="Find a collection"
          aria-keyshortcuts="/"
          className="control !w-44"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => {
            const card = `[data-card="${CSS.escape(found?.id ?? "")}"]`;
            if (event.key === "Enter" && found) document.querySelector<HTMLElement>(card)?.focus();
          }}
        />
        <label className="flex min-h-8 cursor-pointer items-center gap-2 pointer-coarse:min-h-11">
          <Switch label="System collections" checked={system} onChange={setSystem} />
          <span>System</span>
        </label>
        <Segmented
          label="Shown as"
          value={list ? "list" : "canvas"}
          onChange={(next) => setAsList(next === "list")}
          options={[
            { value: "canvas", label: "Canvas" },
            { value: "list", label: "List" },
          ]}
        />
        <span className="flex-1" />
        {!list && (
          <>
            <IconButton
              label="Zoom out"
              blocked={zoom <= 0.5 ? "No smaller" : null}
              onClick={() => setZoom(zoom - 0.25)}
            >
              <ZoomOut size={16} />
            </IconButton>
            <IconButton label="Zoom in" blocked={zoom >= 1.5 ? "No larger" : null} onClick={() => setZoom(zoom + 0.25)}>
              <ZoomIn size={16} />
            </IconButton>
            <IconButton label="Arrange anew" onClick={() => void kept.change(() => ({}))}>
              <LayoutGrid size={16} />
            </IconButton>
          </>
        )}
        <Menu
          trigger={
            <Button tone="ghost">
              <Download size={14} aria-hidden /> Export
            </Button>
          }
          items={[
            { label: "Download SVG", icon: <Download size={14} />, run: () => save("svg") },
            { label: "Download PNG", icon: <Download size={14} />, run: () => save("png") },
            {
              label: "Copy as Mermaid",
              icon: <Copy size={14} />,
              run: () => copyText("Diagram", toMermaid(shown)),
            },
          ]}
        />
        <Button blocked={editable ? null : noEdit} onClick={() => setAdding({ kind: "relation", from: "", to: "" })}>
          <Plus size={14} aria-hidden /> Add relation
        </Button>
      </div>
      {shown.length === 0 ? (
        <EmptyPanel title="No collections yet">Make the first one; it appears here.</EmptyPanel>
      ) : list ? (
        <RelationList collections={shown} edges={edges} term={term} />
      ) : (
        <Canvas
          collections={shown}
          changed={new Set(Object.keys(edits))}
          edges={edges}
          positions={positions}
          zoom={zoom}
          found={found?.id ?? null}
          near={near}
          focus={focus}
          editable={editable}
          onMove={(id, to) => void kept.change((now) => ({ ...now, [id]: to }))}
          onFocus={(id) => setFocus(focus === id ? null : id)}
          onOpen={onOpen}
          onRelate={(from, to) => setAdding({ kind: "relation", from, to })}
          onField={(of) => setAdding({ kind: "field", of })}
        />
      )}
      {pending.length > 0 && (
        <section
          aria-label="Pending schema changes"
          className="enter flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-warn-soft px-4 py-2 shadow-[inset_3px_0_0_var(--warn)]"
        >
          <span className="tnum flex-1 font-medium text-warn">{count(added, "unsaved change")}</span>
          <Button tone="ghost" onClick={() => setEdits({})}>
            Discard
          </Button>
          <Button tone="primary" onClick={() => void openReview()}>
            Review changes
          </Button>
        </section>
      )}
      {adding && (
        <NewFieldDialog
          collections={all.filter((collection) => collection.type !== "view")}
          start={adding}
          onClose={() => setAdding(null)}
          onAdd={(collection) => {
            change(collection);
            setAdding(null);
          }}
        />
      )}
      {reviewing &&
        review(
          pending,
          () => {
            setReviewing(false);
            setEdits({});
          },
          () => setReviewing(false),
        )}
    </div>
  );
}
