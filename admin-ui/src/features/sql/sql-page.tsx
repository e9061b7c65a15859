import { useQuery } from "@tanstack/react-query";
import { BookmarkPlus, Play, Square } from "lucide-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { collectionsQuery } from "@/api/collections";
import type { Collection } from "@/api/types";
import { offersQuery } from "@/api/settings";
import { CodeArea, type AreaHandle } from "@/components/code-area";
import { EmptyPanel } from "@/components/panels";
import { UnavailablePanel } from "@/components/unavailable";
import { statementAt } from "@/lib/sql";
import { readStoredJson, writeStored } from "@/lib/storage";
import { Button } from "@/ui/button";
import { Kbd } from "@/ui/kbd";
import { Notice } from "@/ui/notice";
import { ProgressLine } from "@/ui/skeleton";
import { Switch } from "@/ui/switch";
import { completeSql } from "./model";
import { SqlResultView } from "./result";
import { SaveDialog } from "./save-dialog";
import { SavedQueries, useSavedQueries } from "./saved-queries";
import { useSql, type SqlOutcome } from "./use-sql";

const textKey = "stead.sql.text";

export function SqlPage() {
  const offered = useQuery(offersQuery("/api/sql"));
  if (offered.data === false) return <UnavailablePanel page what="SQL" />;
  return <Console />;
}

function Console() {
  const collections = useQuery(collectionsQuery).data ?? [];
  const [text, setText] = useState(() => {
    const kept = readStoredJson(textKey);
    return typeof kept === "string" ? kept : "";
  });
  const queries = useSavedQueries();
  const [naming, setNaming] = useState(false);
  const [readOnly, setReadOnly] = useState(true);
  const area = useRef<AreaHandle>(null);
  const sql = useSql(readOnly);

  function change(next: string) {
    setText(next);
    writeStored(textKey, JSON.stringify(next));
  }
  /** What is selected, else the statement at the caret. */
  function chosen(): string {
    const { from, to } = area.current?.selection() ?? { from: 0, to: 0 };
    return from === to ? (statementAt(text, from)?.text ?? "") : text.slice(from, to);
  }
  const run = () => void sql.run(chosen());
  const explain = () => void sql.run(`EXPLAIN QUERY PLAN ${chosen()}`);
  function onKey(event: KeyboardEvent) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (event.shiftKey) explain();
    else run();
  }
  const mac = /mac/i.test(navigator.userAgent);
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-h-0 min-w-0 flex-1 flex-col overflow-y-auto">
        <div className="shrink-0 space-y-2 bg-bg px-3 py-2">
          <h1 className="text-lg font-semibold">SQL</h1>
          <CodeArea
            ref={area}
            label="SQL editor"
            rows={7}
            className="!max-h-[38vh] !min-h-32"
            placeholder="SELECT * FROM users LIMIT 20"
            value={text}
            onChange={change}
            complete={(value, at) => completeSql(value, at, collections)}
            onKey={onKey}
          />
          <div className="flex flex-wrap items-center gap-2">
            <Button
              tone="primary"
              busy={sql.running}
              blocked={text.trim() === "" ? "Write a statement first" : null}
              onClick={run}
            >
              <Play size={14} aria-hidden /> Run <Kbd>{mac ? "⌘↵" : "Ctrl ↵"}</Kbd>
            </Button>
            <Button blocked={text.trim() === "" ? "Write a statement first" : null} onClick={explain}>
              Explain
            </Button>
            {sql.running && (
              <Button onClick={sql.cancel}>
                <Square size={12} aria-hidden /> Cancel query
              </Button>
            )}
            <label className="flex min-h-8 cursor-pointer items-center gap-2 ps-2 pointer-coarse:min-h-11">
              <Switch label="Read only" checked={readOnly} onChange={setReadOnly} />
              <span>Read only</span>
            </label>
            <Button
              className="ms-auto"
              blocked={text.trim() === "" ? "Write a statement first" : null}
              onClick={() => setNaming(true)}
            >
              <BookmarkPlus size={14} aria-hidden />
              <span>
                Save<span className="max-sm:sr-only"> query</span>
              </span>
            </Button>
          </div>
          <SavedQueries queries={queries} onPick={change} />
        </div>
        {/* On a small screen the page scrolls, and the result is as high as it takes to read it. */}
        <div className="relative flex min-h-64 flex-1 flex-col" aria-busy={sql.running}>
          <ProgressLine active={sql.running} />
          <Outcome outcome={sql.outcome} />
        </div>
      </div>
      <Tables onInsert={(name) => change(text + (text === "" || /\s$/.test(text) ? "" : " ") + name)} />
      {naming && (
        <SaveDialog
          taken={queries.all.map((query) => query.name)}
          onClose={() => setNaming(false)}
          sharing={queries.sharing}
          onSave={(name, share) => {
            setNaming(false);
            void queries.save({ name, text }, share);
          }}
        />
      )}
    </div>
  );
}

function Outcome({ outcome }: { outcome: SqlOutcome | null }) {
  if (outcome === null) {
    return (
      <EmptyPanel title="No result yet">
        The statement at the caret is run, or what is selected. Reading is all that is allowed until Read only is off.
      </EmptyPanel>
    );
  }
  if (outcome.kind === "result") return <SqlResultView result={outcome.result} />;
  const { text, place } = outcome;
  return (
    <Notice tone="danger" role="alert" className="m-3">
      <p className="whitespace-pre-wrap">{outcome.message}</p>
      {place && (
        <code className="mt-1 block font-mono text-code break-words text-ink">
          {text.slice(Math.max(0, place.from - 40), place.from)}
          <mark>{text.slice(place.from, place.to)}</mark>
          {text.slice(place.to, place.to + 40)}
        </code>
      )}
    </Notice>
  );
}

function Tables({ onInsert }: { onInsert: (name: string) => void }) {
  const collections = useQuery(collectionsQuery).data ?? [];
  return (
    <aside
      aria-label="Tables"
      className="w-56 shrink-0 overflow-y-auto border-s border-line bg-canvas p-2 max-lg:hidden"
    >
      <h2 className="px-1 pb-1 text-sm font-medium text-ink-3">Tables</h2>
      {collections.map((collection) => (
        <TableNames key={collection.id} collection={collection} onInsert={onInsert} />
      ))}
    </aside>
  );
}

type TableNamesProps = { collection: Collection; onInsert: (name: string) => void };

/** Its columns are drawn when they are asked for: there may be thousands of tables. */
function TableNames({ collection, onInsert }: TableNamesProps) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="rounded-sm px-1 py-0.5 wrap-anywhere hover:bg-hover">{collection.name}</summary>
      {open && (
        <ul className="ps-4">
          {[collection.name, ...collection.fields.map((field) => field.name)].map((name, at) => (
            <li key={name}>
              <button
                type="button"
                className="min-h-6 w-full truncate rounded-sm px-1 text-start font-mono text-code text-ink-2 hover:bg-hover hover:text-ink"
                onClick={() => onInsert(name)}
              >
                {at === 0 ? `${name} (table)` : name}
              </button>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
