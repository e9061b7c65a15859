import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useState, type KeyboardEvent } from "react";
import { countQuery } from "@/api/records";
import type { Collection, RecordRow } from "@/api/types";
import { filterProblem } from "@/components/filter-problem";
import { useLeaveGuard } from "@/components/leave-guard";
import { afterPaint } from "@/lib/after-paint";
import { formatSort, parseSort } from "@/lib/keyset";
import { count } from "@/lib/words";
import { ProgressLine } from "@/ui/skeleton";
import { useMedia } from "@/ui/use-media";
import type { Scope } from "./bulk";
import { ConnectionLost } from "./connection-lost";
import { costly, defaultSort } from "./ledger";
import { expandParam, fieldsParam, knownFields, neighboursOf, toFilter, type RecordsSearch } from "./model";
import { GoToDialog, ListNotices, loadPanel, PendingChanges, RecordDialogs, RecordPanel, SelectionBar } from "./parts";
import { FreshPill, RecordsFooter } from "./record-bars";
import { refresh } from "./refresh";
import { RefreshFailed } from "./refresh-failed";
import type { RecordDialog } from "./record-dialogs";
import { RecordsTable } from "./records-table";
import { Toolbar } from "./toolbar";
import { useColumns } from "./use-columns";
import { useIdle } from "./use-idle";
import { useInline } from "./use-inline";
import { useJump } from "./use-jump";
import { useLive } from "./use-live";
import { useRows } from "./use-rows";
import { useStaged } from "./use-staged";

type RecordsPageProps = {
  collection: Collection;
  search: RecordsSearch;
  /** Every change of view is a change of address. */
  onSearch: (change: Partial<RecordsSearch>) => void;
  hrefOf: (record: string) => string;
};

export function RecordsPage({ collection, search, onSearch, hrefOf }: RecordsPageProps) {
  const client = useQueryClient();
  const phone = useMedia("(width < 40rem)");
  const docked = useMedia("(min-width: 80rem)");
  const columns = useColumns(collection);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [everything, setEverything] = useState(false);
  const [dialog, setDialog] = useState<RecordDialog | null>(null);
  const [reviewing, setReviewing] = useState(false);
  const sort = search.sort || defaultSort(collection);
  const filter = toFilter(search.filter, collection);
  const shape = { fields: fieldsParam(collection, columns.fields, sort), expand: expandParam(columns.fields) };
  const jump = useJump(collection, filter, sort);
  const rows = useRows(collection, { filter, sort, from: jump.from }, shape);
  const settled = rows.shown !== null;
  const [painted, setPainted] = useState(false);
  // Rows first, their number after that; the browser says when it has shown them.
  useEffect(() => (settled ? afterPaint(() => setPainted(true)) : undefined), [settled]);
  const matching = useQuery({ ...countQuery(collection.name, rows.shown?.filter ?? ""), enabled: settled && painted });
  const all = useQuery({ ...countQuery(collection.name, ""), enabled: painted && Boolean(rows.shown?.filter) });
  const idle = useIdle(settled, loadPanel);
  const readOnly = collection.type === "view";
  const staged = useStaged(collection);
  const loadedIds = () => rows.loadedRows.map((row) => row.id);
  const live = useLive(collection, rows.shown?.filter ?? "", staged, new Set(loadedIds()), idle);
  const inline = useInline(collection, staged, readOnly, live.moved);
  const pending = staged.changes.length > 0;
  const total = matching.data ?? -1;
  const matchingScope: Scope = { kind: "matching", filter: rows.shown?.filter ?? "", total: Math.max(0, total) };
  const scope: Scope = everything ? matchingScope : { kind: "ids", ids: [...selected] };

  useLeaveGuard({
    dirty: pending,
    passes: (from, to) => from.pathname === to.pathname && from.tab === to.tab,
    what: `${count(staged.changes.length, "change")} in the table have not been saved.`,
    onLeave: staged.discard,
  });

  function toggleSort(field: string) {
    const [key] = parseSort(sort);
    const desc = key?.field === field && !key.desc;
    onSearch({ sort: formatSort([{ field, desc }]) });
  }
  function select(ids: string[], on: boolean) {
    setEverything(false);
    setSelected((now) => {
      const next = new Set(now);
      for (const id of ids)
        if (on) next.add(id);
        else next.delete(id);
      return next;
    });
  }
  function clearSelection() {
    setSelected(new Set());
    setEverything(false);
  }
  function closeDialog(deleted: boolean) {
    setDialog(null);
    if (!deleted || dialog?.kind !== "delete") return;
    const gone = dialog.scope.kind === "ids" ? dialog.scope.ids : null;
    if (gone === null || gone.includes(search.record)) onSearch({ record: "" });
    if (gone === null) clearSelection();
    else select(gone, false);
  }
  const askDelete = (row: RecordRow) => setDialog({ kind: "delete", scope: { kind: "ids", ids: [row.id] } });

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "g" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      jump.setAsking(true);
      return;
    }
    if (!pending || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    // Text boxes have an undo of their own.
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    const key = event.key.toLowerCase();
    if (key === "s") void staged.save();
    else if (key === "z" && !typing) (event.shiftKey ? staged.redo : staged.undo)();
    else if (key === ".") setReviewing(true);
    else return;
    event.preventDefault();
  }
  const problem = filterProblem(
    rows.error,
    search.filter,
    knownFields(collection).map((field) => field.name),
  );
  return (
    <div className="flex min-h-0 flex-1" onKeyDown={onKeyDown}>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <Toolbar
          collection={collection}
          search={search}
          columns={columns}
          live={live}
          problem={problem}
          tight={docked && search.record !== ""}
          onSearch={onSearch}
          onRefresh={() => void refresh(client, collection.name)}
          onImport={() => setDialog({ kind: "import" })}
          onExport={() => setDialog({ kind: "export", selection: null })}
          onGoTo={() => jump.setAsking(true)}
          onSeeAs={() => setDialog({ kind: "see", filter, sort })}
        />
        {rows.error !== null && rows.shown !== null && problem === null && (
          <RefreshFailed error={rows.error} onRetry={rows.retry} />
        )}
        {live.state === "reconnecting" && rows.error === null && <ConnectionLost />}
        {settled && (jump.here !== null || total >= costly) && (
          <Suspense>
            <ListNotices collection={collection} jump={jump} total={total} />
          </Suspense>
        )}
        <div className="relative flex min-h-0 flex-1 flex-col" aria-busy={rows.fetching}>
          <ProgressLine active={rows.fetching} />
          <FreshPill live={live} />
          <RecordsTable
            collection={collection}
            rows={rows}
            columns={columns}
            phone={phone}
            sort={sort}
            total={total}
            allCount={all.data ?? null}
            filterText={search.filter}
            filterRefused={problem !== null}
            selected={selected}
            activeId={search.record}
            inline={inline}
            staged={staged}
            live={live}
            jump={jump}
            hrefOf={hrefOf}
            loadedIds={loadedIds}
            onSort={toggleSort}
            onSelect={select}
            onSearch={onSearch}
            onDelete={askDelete}
          />
        </div>
        {pending && (
          <Suspense>
            <PendingChanges collection={collection} staged={staged} reviewing={reviewing} onReview={setReviewing} />
          </Suspense>
        )}
        <Suspense>
          {selected.size > 0 && (
            <SelectionBar
              scope={scope}
              more={!everything && total > selected.size ? total : null}
              readOnly={readOnly}
              onAll={() => setEverything(true)}
              onClear={clearSelection}
              onEdit={() => setDialog({ kind: "edit", scope })}
              onExport={() => setDialog({ kind: "export", selection: scope })}
              onDelete={() => setDialog({ kind: "delete", scope })}
            />
          )}
        </Suspense>
        <RecordsFooter
          total={total}
          counting={matching.isFetching}
          all={rows.shown?.filter ? (all.data ?? null) : null}
          selected={selected.size}
          failed={rows.error !== null && rows.shown !== null}
          readOnly={readOnly}
          live={live.state}
        />
      </div>
      <Suspense>
        {search.record !== "" && (
          <RecordPanel
            key={`${collection.id} ${search.record}`}
            collection={collection}
            recordId={search.record}
            docked={docked}
            onClose={() => onSearch({ record: "" })}
            onOpen={(record) => onSearch({ record })}
            onDelete={askDelete}
            neighbours={neighboursOf(loadedIds(), search.record)}
          />
        )}
        {dialog && (
          <RecordDialogs
            collection={collection}
            dialog={dialog}
            visible={columns.fields}
            matching={matchingScope}
            onClose={closeDialog}
          />
        )}
        {jump.asking && (
          <GoToDialog collection={collection} filter={filter} jump={jump} onClose={() => jump.setAsking(false)} />
        )}
      </Suspense>
    </div>
  );
}
