import { Inbox, SearchX } from "lucide-react";
import { Suspense } from "react";
import { recordTitle } from "@/api/presentable";
import type { Collection, RecordRow } from "@/api/types";
import { Grid } from "@/components/grid/grid";
import type { GridProps } from "@/components/grid/types";
import { EmptyPanel, ErrorPanel } from "@/components/panels";
import { copyText } from "@/components/copy";
import { toast } from "@/components/toasts";
import { cx } from "@/lib/cx";
import { parseSort } from "@/lib/keyset";
import { count } from "@/lib/words";
import { Button, smallIconClass } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { LoadingRows } from "./outlines";
import type { RecordsSearch } from "./model";
import { CellEditor } from "./cell-editor";
import { copyCells, emptied } from "./cells";
import { CardList, Peek } from "./parts";
import { useRowHeight, type Columns } from "./use-columns";
import { withPatch, type useInline } from "./use-inline";
import type { Jumping } from "./use-jump";
import type { Live } from "./use-live";
import type { Rows } from "./use-rows";
import type { Staged } from "./use-staged";

type PasteBlock = { rows: number; columns: number };

type RecordsTableProps = {
  collection: Collection;
  rows: Rows;
  columns: Columns;
  phone: boolean;
  sort: string;
  total: number;
  allCount: number | null;
  filterText: string;
  /** The filter is why there is nothing to show. */
  filterRefused: boolean;
  selected: ReadonlySet<string>;
  activeId: string;
  inline: ReturnType<typeof useInline>;
  staged: Staged;
  live: Live;
  jump: Jumping;
  hrefOf: (record: string) => string;
  loadedIds: () => string[];
  onSort: (field: string) => void;
  onSelect: (ids: string[], on: boolean) => void;
  onSearch: (change: Partial<RecordsSearch>) => void;
  onDelete: (row: RecordRow) => void;
};

export function RecordsTable(props: RecordsTableProps) {
  const { collection, rows, columns, phone, onSearch, hrefOf, inline, staged, live, jump } = props;
  const rowHeight = useRowHeight();
  if (rows.loading) return <LoadingRows />;
  if (rows.shown === null) {
    if (props.filterRefused) {
      return (
        <EmptyPanel
          icon={<SearchX size={18} />}
          title="This filter can't be applied"
          actions={<Button onClick={() => onSearch({ filter: "" })}>Clear filter</Button>}
        >
          Correct it above, or clear it to see all records.
        </EmptyPanel>
      );
    }
    return (
      <ErrorPanel what={`The records of ${collection.name} can't be shown`} error={rows.error} onRetry={rows.retry} />
    );
  }
  const [key] = parseSort(props.sort);
  const grid: GridProps<RecordRow> = {
    label: `${collection.name} records`,
    columns: columns.columns,
    frozen: columns.frozen,
    rowCount: rows.rowCount,
    rowAt: (index) => {
      const row = rows.rowAt(index);
      return row && withPatch(row, staged.patches[row.id]);
    },
    total: props.total,
    titleOf: (row) => recordTitle(collection, row),
    hrefOf: (row) => hrefOf(row.id),
    rowActions: (row) => <RowMenu {...props} row={row} />,
    sort: key ?? null,
    onSort: props.onSort,
    onResize: columns.resize,
    onMove: columns.move,
    selected: props.selected,
    onSelect: props.onSelect,
    loadedIds: props.loadedIds,
    activeId: props.activeId,
    onOpen: (row) => onSearch({ record: row.id }),
    onRange: rows.onRange,
    rowHeight,
    dimmed: rows.stale || rows.error !== null,
    empty: <NoRows {...props} />,
    onCellKey: inline.onKey,
    onCellDouble: (row, column) => {
      if (!inline.begin(row, column, null)) onSearch({ record: row.id });
    },
    markOf: inline.markOf,
    editorOf: (row, column, done) => {
      const { editing } = inline;
      const field = inline.fieldOf(column);
      if (!field || editing?.id !== row.id || editing.field !== field.name) return null;
      return (
        <CellEditor
          field={field}
          row={row}
          start={editing.start}
          onCommit={(value) => staged.set(row, field.name, value)}
          onDone={(move) => {
            inline.stop();
            if (move) done(move);
          }}
        />
      );
    },
    onCopy: (some, few, cut) => {
      const editable = (name: string) => few.some((column) => column.name === name && column.editable);
      if (cut && collection.type !== "view") staged.setAll(emptied(collection, some, few, editable));
      return copyCells(some, few);
    },
    ...(collection.type === "view"
      ? {}
      : {
          onPaste: (text: string, some: RecordRow[], few: { name: string }[], block: PasteBlock) =>
            void import("./paste").then(
              ({ pasteEdits }) => {
                const { edits, leftOut, words } = pasteEdits(collection, text, some, few, block);
                staged.setAll(edits);
                toast(words, leftOut > 0 ? "danger" : "ok");
              },
              () => toast("Nothing was pasted: a part of the page could not be loaded.", "danger"),
            ),
        }),
    ...(jump.key && !rows.complete ? { onEnd: () => void jump.toEnd().catch(rows.retry) } : {}),
    listKey: `${rows.shown.filter}\n${rows.shown.sort}\n${rows.shown.from}`,
    focus: jump.here && rows.shown.from === jump.from ? { at: jump.here.at, row: jump.here.focus } : null,
    toneOf: (row) => (live.removed.has(row.id) ? "line-through opacity-60" : live.flashing.has(row.id) ? "flash" : ""),
  };
  const exact =
    rows.complete || props.total < 0
      ? grid
      : { ...grid, rowCount: Math.min(grid.rowCount, Math.max(props.total, rows.loadedRows.length)) };
  return (
    <>
      {phone ? (
        <Suspense fallback={<LoadingRows />}>
          <CardList {...exact} />
        </Suspense>
      ) : (
        <Grid {...exact} />
      )}
      {inline.peek && (
        <Suspense>
          <Peek {...inline.peek} onClose={inline.closePeek} />
        </Suspense>
      )}
    </>
  );
}

function RowMenu({ row, collection, phone, hrefOf, onSearch, onDelete }: RecordsTableProps & { row: RecordRow }) {
  const title = recordTitle(collection, row);
  return (
    <Menu
      subject={row.id}
      trigger={
        <button
          type="button"
          aria-label={`Actions for ${title}`}
          title="Actions"
          tabIndex={-1}
          className={cx(
            smallIconClass,
            !phone &&
              "opacity-0 group-hover/row:opacity-100 focus:opacity-100 data-[state=open]:opacity-100 pointer-coarse:opacity-100",
          )}
        >
          <span aria-hidden className="dots" />
        </button>
      }
      items={() => [
        { label: "Open", run: () => onSearch({ record: row.id }) },
        { label: "Open in a new tab", run: () => window.open(hrefOf(row.id), "_blank", "noopener") },
        { kind: "separator", label: "copy" },
        { label: "Copy id", run: () => copyText("Id", row.id) },
        { label: "Copy JSON", run: () => copyText("JSON", JSON.stringify({ ...row, expand: undefined }, null, 2)) },
        { label: "Copy link", run: () => copyText("Link", new URL(hrefOf(row.id), window.location.href).href) },
        { kind: "separator", label: "delete" },
        {
          label: "Delete…",
          danger: true,
          blocked: collection.type === "view" ? "Records of a view can't be deleted" : undefined,
          run: () => onDelete(row),
        },
      ]}
    />
  );
}

function NoRows({ collection, filterText, allCount, onSearch }: RecordsTableProps) {
  if (filterText !== "") {
    return (
      <EmptyPanel
        icon={<SearchX size={18} />}
        title="No record matches"
        actions={<Button onClick={() => onSearch({ filter: "" })}>Clear filter</Button>}
      >
        Nothing fits <code className="font-mono text-code break-all text-ink">{filterText}</code>
        {allCount !== null && <>. Without the filter there are {count(allCount, "record")}.</>}
      </EmptyPanel>
    );
  }
  if (collection.type === "view") {
    return (
      <EmptyPanel icon={<Inbox size={18} />} title="No records yet">
        The query of this view returns no rows at the moment.
      </EmptyPanel>
    );
  }
  return (
    <EmptyPanel
      icon={<Inbox size={18} />}
      title="No records yet"
      actions={
        <Button tone="primary" onClick={() => onSearch({ record: "new" })}>
          Create the first record
        </Button>
      }
    >
      Create one here, or POST to{" "}
      <code className="block font-mono text-code break-all text-ink">/api/collections/{collection.name}/records</code>
    </EmptyPanel>
  );
}
