import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, RefreshCw } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { inFull, toUiError } from "@/api/errors";
import { countQuery, deleteRecord } from "@/api/records";
import { recordTitle } from "@/api/presentable";
import type { Collection, RecordRow } from "@/api/types";
import { ColumnsMenu } from "@/components/grid/columns-menu";
import { FilterBar } from "@/components/filter-bar";
import { preloadInputs } from "@/fields/lazy";
import { formatSort, parseSort } from "@/lib/keyset";
import { Button, IconButton } from "@/ui/button";
import { Notice } from "@/ui/notice";
import { ProgressLine } from "@/ui/skeleton";
import { useMedia } from "@/ui/use-media";
import { confirmDelete } from "./delete";
import { filterProblem } from "@/components/filter-problem";
import { defaultSort } from "./ledger";
import { expandParam, fieldsParam, knownFields, toFilter } from "./model";
import { RecordsFooter, SelectionBar } from "./record-bars";
import { RecordsTable } from "./records-table";
import { useColumns } from "./use-columns";
import { useRows } from "./use-rows";

const loadPanel = () => import("./record-panel");
const RecordPanel = lazy(() => loadPanel().then((m) => ({ default: m.RecordPanel })));

export type RecordsSearch = { filter: string; sort: string; record: string };

type RecordsPageProps = {
  collection: Collection;
  search: RecordsSearch;
  /** Every change of view is a change of address. */
  onSearch: (change: Partial<RecordsSearch>) => void;
  hrefOf: (record: string) => string;
};

export function RecordsPage({ collection, search, onSearch, hrefOf }: RecordsPageProps) {
  const client = useQueryClient();
  const phone = useMedia("(max-width: 639px)");
  const docked = useMedia("(min-width: 1280px)");
  const columns = useColumns(collection);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const sort = search.sort || defaultSort(collection);
  const filter = toFilter(search.filter, collection);
  const shape = { fields: fieldsParam(collection, columns.fields, sort), expand: expandParam(columns.fields) };
  const rows = useRows(collection, { filter, sort }, shape);
  const matching = useQuery({ ...countQuery(collection.name, rows.shown?.filter ?? ""), enabled: rows.shown !== null });
  const all = useQuery({ ...countQuery(collection.name, ""), enabled: Boolean(rows.shown?.filter) });
  const settled = rows.shown !== null;
  // The network is idle once rows are there; the form is what people open next.
  useEffect(() => {
    if (!settled) return;
    const timer = setTimeout(() => {
      void loadPanel();
      preloadInputs();
    }, 1500);
    return () => clearTimeout(timer);
  }, [settled]);
  const readOnly = collection.type === "view";
  const total = matching.data ?? -1;
  const loadedIds = () => rows.loadedRows.map((row) => row.id);

  function toggleSort(field: string) {
    const [key] = parseSort(sort);
    const desc = key?.field === field && !key.desc;
    onSearch({ sort: formatSort([{ field, desc }]) });
  }
  function select(ids: string[], on: boolean) {
    setSelected((now) => {
      const next = new Set(now);
      for (const id of ids)
        if (on) next.add(id);
        else next.delete(id);
      return next;
    });
  }
  function askDelete(list: RecordRow[]) {
    confirmDelete(collection, list, async () => {
      const failed: string[] = [];
      for (const row of list) {
        try {
          await deleteRecord(collection.name, row.id);
          select([row.id], false);
        } catch (error) {
          failed.push(`${recordTitle(collection, row)}: ${toUiError(error).title}`);
        }
      }
      if (list.some((row) => row.id === search.record)) onSearch({ record: "" });
      await client.invalidateQueries({ queryKey: ["records"] });
      if (failed.length > 0)
        throw new Error(`${list.length - failed.length} of ${list.length} deleted. ${failed[0] ?? ""}`);
    });
  }
  const known = knownFields(collection);
  const problem = filterProblem(
    rows.error,
    search.filter,
    known.map((field) => field.name),
  );
  const panel = search.record !== "" && (
    <Suspense>
      <RecordPanel
        key={`${collection.id} ${search.record}`}
        collection={collection}
        recordId={search.record}
        docked={docked}
        onClose={() => onSearch({ record: "" })}
        onOpen={(record) => onSearch({ record })}
        onDelete={(record) => askDelete([record])}
        neighbours={neighboursOf(loadedIds(), search.record)}
      />
    </Suspense>
  );
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="flex flex-wrap items-start gap-2 border-b border-line bg-bg px-3 py-1.5">
          <FilterBar
            key={collection.id}
            value={search.filter}
            fields={known}
            onApply={(text) => onSearch({ filter: text })}
            problem={problem}
          />
          <IconButton
            label="Refresh"
            tone="secondary"
            onClick={() => void client.invalidateQueries({ queryKey: ["records", collection.name] })}
          >
            <RefreshCw size={14} />
          </IconButton>
          <ColumnsMenu columns={columns.all} state={columns.state} onChange={columns.setState} />
          {!readOnly && (
            <Button tone="primary" className="ms-auto" onClick={() => onSearch({ record: "new" })}>
              <Plus size={14} aria-hidden /> New record
            </Button>
          )}
        </div>
        {rows.error !== null && rows.shown !== null && problem === null && (
          <RefreshFailed error={rows.error} onRetry={rows.retry} />
        )}
        <div className="relative flex min-h-0 flex-1 flex-col" aria-busy={rows.fetching}>
          <ProgressLine active={rows.fetching} />
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
            hrefOf={hrefOf}
            loadedIds={loadedIds}
            onSort={toggleSort}
            onSelect={select}
            onSearch={onSearch}
            onDelete={(row) => askDelete([row])}
          />
        </div>
        {selected.size > 0 && (
          <SelectionBar
            count={selected.size}
            onClear={() => setSelected(new Set())}
            onDelete={readOnly ? null : () => askDelete(rows.loadedRows.filter((row) => selected.has(row.id)))}
          />
        )}
        <RecordsFooter
          total={total}
          counting={matching.isFetching}
          all={rows.shown?.filter ? (all.data ?? null) : null}
          selected={selected.size}
          failed={rows.error !== null && rows.shown !== null}
          readOnly={readOnly}
        />
      </div>
      {panel}
    </div>
  );
}

/** The rows below are old; says so, and why. */
function RefreshFailed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Notice tone="danger" role="alert" className="!rounded-none">
      <span className="flex flex-wrap items-center justify-between gap-2">
        Couldn't load the records. {inFull(error)}
        <Button size="sm" onClick={onRetry}>
          Retry
        </Button>
      </span>
    </Notice>
  );
}

function neighboursOf(ids: string[], id: string): { previous: string | null; next: string | null } {
  const at = ids.indexOf(id);
  return at < 0 ? { previous: null, next: null } : { previous: ids[at - 1] ?? null, next: ids[at + 1] ?? null };
}
