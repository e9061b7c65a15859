import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, Copy, X } from "lucide-react";
import { Suspense, useState, type KeyboardEvent, type ReactNode } from "react";
import { recordTitle } from "@/api/presentable";
import { recordQuery } from "@/api/records";
import type { Collection, RecordRow } from "@/api/types";
import { CreateRelated } from "@/components/create-related";
import { copyText } from "@/components/copy";
import { DateText } from "@/components/date-text";
import { ErrorPanel } from "@/components/panels";
import { toast } from "@/components/toasts";
import { toText } from "@/lib/assert";
import { IconButton } from "@/ui/button";
import { lazyPart } from "@/ui/lazy-part";
import { Sheet } from "@/ui/sheet";
import { TabPanel, TabRoot, TabStrip } from "@/ui/tabs";
import { Badge } from "@/ui/badge";
import { LoadingForm } from "./outlines";
import { RecordEditorView } from "./record-editor";
import { RecordMenu } from "./record-menu";

const NestedRecord = lazyPart(
  () => import("./nested-record"),
  (m) => m.default,
);
const RecordRelated = lazyPart(
  () => import("./record-related"),
  (m) => m.default,
);

type RecordPanelProps = {
  collection: Collection;
  /** `new` opens an empty form. */
  recordId: string;
  docked: boolean;
  onClose: () => void;
  onOpen: (id: string) => void;
  onDelete: (record: RecordRow) => void;
  neighbours: { previous: string | null; next: string | null };
};

/** Beside the table where there is room, over it where there is not. */
export function RecordPanel(props: RecordPanelProps) {
  const { collection, recordId, docked, onClose } = props;
  const isNew = recordId === "new";
  const [asked, setAsked] = useState<{ target: Collection; done: (id: string) => void } | null>(null);
  const [wrong, setWrong] = useState(0);
  const query = useQuery({ ...recordQuery(collection.name, recordId), enabled: !isNew });
  const record = query.data ?? null;
  const title = isNew
    ? `New record in ${collection.name}`
    : `Record ${record ? recordTitle(collection, record) : recordId}`;
  function onKeyDown(event: KeyboardEvent) {
    const typing =
      event.target instanceof HTMLElement && event.target.matches("input, textarea, [contenteditable=true]");
    const to = { ArrowLeft: props.neighbours.previous, ArrowRight: props.neighbours.next }[event.key];
    if (!event.altKey || typing || to === undefined) return;
    event.preventDefault();
    if (to) props.onOpen(to);
  }
  const content = (
    <div className="flex min-h-0 flex-1 flex-col" onKeyDown={onKeyDown}>
      <PanelHeader {...props} title={title} record={record} isNew={isNew} />
      {query.isError && !record ? (
        <ErrorPanel what="This record can't be opened" error={query.error} onRetry={() => void query.refetch()} />
      ) : !isNew && !record ? (
        <LoadingForm />
      ) : (
        <Parts collection={collection} record={record} wrong={wrong}>
          <RecordEditorView
            key={recordId}
            collection={collection}
            record={record}
            onClose={onClose}
            onWrong={setWrong}
            onSaved={(saved) => {
              const fresh = saved.id !== recordId;
              toast(fresh ? "Record created" : "Record saved");
              if (fresh) props.onOpen(saved.id);
            }}
          />
        </Parts>
      )}
    </div>
  );
  return (
    <CreateRelated value={(target, done) => setAsked({ target, done })}>
      {docked ? (
        <aside
          aria-label={title}
          className="enter-side flex w-[clamp(420px,36vw,560px)] shrink-0 flex-col border-s border-line bg-bg"
        >
          {content}
        </aside>
      ) : (
        <Sheet label={title} onClose={onClose}>
          {content}
        </Sheet>
      )}
      <Suspense>
        {asked && (
          <NestedRecord
            collection={asked.target}
            onClose={() => setAsked(null)}
            onCreated={(id) => {
              asked.done(id);
              setAsked(null);
            }}
          />
        )}
      </Suspense>
    </CreateRelated>
  );
}

type PartsProps = { collection: Collection; record: RecordRow | null; wrong: number; children: ReactNode };

/** The form stays where it is while one looks at something else, so that nothing typed is lost. */
function Parts({ collection, record, wrong, children }: PartsProps) {
  const scroll = "min-h-0 flex-1 overflow-y-auto -outline-offset-2";
  const fields = {
    id: "fields",
    label: "Fields",
    ...(wrong > 0 ? { badge: <Badge tone="danger">{wrong}</Badge> } : {}),
  };
  const further = [
    { id: "json", label: "JSON" },
    { id: "related", label: "Related" },
  ];
  return (
    <TabRoot defaultValue="fields" className="flex min-h-0 flex-1 flex-col">
      <div className="shrink-0 border-b border-line px-1.5">
        <TabStrip label="Parts of the record" tabs={record ? [fields, ...further] : [fields]} />
      </div>
      <TabPanel value="fields" keep tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
        {children}
      </TabPanel>
      {record && (
        <>
          <TabPanel value="json" className={scroll}>
            <pre className="p-4 font-mono text-code break-words whitespace-pre-wrap">
              {JSON.stringify({ ...record, expand: undefined }, null, 2)}
            </pre>
          </TabPanel>
          <TabPanel value="related" className={scroll}>
            <Suspense>
              <RecordRelated collection={collection} record={record} />
            </Suspense>
          </TabPanel>
        </>
      )}
    </TabRoot>
  );
}

type PanelHeaderProps = RecordPanelProps & { title: string; record: RecordRow | null; isNew: boolean };

function PanelHeader({ collection, record, isNew, onClose, onOpen, onDelete, neighbours }: PanelHeaderProps) {
  return (
    <header className="flex shrink-0 items-start gap-1 border-b border-line py-2 ps-4 pe-2">
      <div className="min-w-0 flex-1 pt-1">
        <h2 dir="auto" className="truncate text-lg font-semibold">
          {isNew ? "New record" : record ? recordTitle(collection, record) : "…"}
        </h2>
        <p className="flex flex-wrap items-center gap-x-2 text-sm text-ink-3">
          {record ? (
            <>
              <CopyId id={record.id} />
              <Stamp label="updated" value={record["updated"]} />
            </>
          ) : (
            <span>in {collection.name}</span>
          )}
        </p>
      </div>
      {!isNew && (
        <>
          <IconButton
            label="Previous record"
            blocked={neighbours.previous ? null : "No record before this one"}
            onClick={() => neighbours.previous && onOpen(neighbours.previous)}
          >
            <ChevronLeft size={16} />
          </IconButton>
          <IconButton
            label="Next record"
            blocked={neighbours.next ? null : "No record after this one"}
            onClick={() => neighbours.next && onOpen(neighbours.next)}
          >
            <ChevronRight size={16} />
          </IconButton>
          <RecordMenu collection={collection} record={record} onOpen={onOpen} onDelete={onDelete} />
        </>
      )}
      <IconButton label="Close" onClick={onClose}>
        <X size={16} />
      </IconButton>
    </header>
  );
}

function CopyId({ id }: { id: string }): ReactNode {
  return (
    <button
      type="button"
      aria-label={`Copy id ${id}`}
      className="flex min-h-6 items-center gap-1 rounded-sm font-mono hover:text-ink"
      onClick={() => copyText("Id", id)}
    >
      {id} <Copy size={12} aria-hidden />
    </button>
  );
}

function Stamp({ label, value }: { label: string; value: unknown }) {
  const text = toText(value);
  return text === "" ? null : (
    <span>
      {label} <DateText value={text} />
    </span>
  );
}
