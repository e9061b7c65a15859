import { Download, Ellipsis, Eye, Plus, RefreshCw, Upload } from "lucide-react";
import type { Collection } from "@/api/types";
import { ColumnsMenu } from "@/components/grid/columns-menu";
import { FilterBar } from "@/components/filter-bar";
import type { Problem } from "@/lib/expr/diagnose";
import { Button, IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { Switch } from "@/ui/switch";
import { knownFields, type RecordsSearch } from "./model";
import type { Columns } from "./use-columns";
import type { Live } from "./use-live";
import { ViewsMenu } from "./views-menu";

type ToolbarProps = {
  collection: Collection;
  search: RecordsSearch;
  columns: Columns;
  live: Live;
  problem: Problem | null;
  /** A panel takes much of the width: signs stand for words. */
  tight: boolean;
  onSearch: (change: Partial<RecordsSearch>) => void;
  onRefresh: () => void;
  onImport: () => void;
  onExport: () => void;
  onGoTo: () => void;
  onSeeAs: () => void;
};

export function Toolbar(props: ToolbarProps) {
  const { collection, search, columns, live, problem, onSearch } = props;
  const readOnly = collection.type === "view";
  return (
    <div
      {...(props.tight ? { "data-tight": "" } : {})}
      className="group/bar flex flex-wrap items-start gap-2 border-b border-line bg-bg px-3 py-1.5"
    >
      <FilterBar
        value={search.filter}
        fields={knownFields(collection)}
        problem={problem}
        onApply={(next) => onSearch({ filter: next })}
      />
      <ViewsMenu collection={collection} search={search} columns={columns} onSearch={onSearch} />
      <IconButton label="Refresh" keys="R" aria-keyshortcuts="r" tone="secondary" onClick={props.onRefresh}>
        <RefreshCw size={14} />
      </IconButton>
      <ColumnsMenu columns={columns.all} state={columns.state} onChange={columns.setState} />
      {live.state !== "unavailable" && (
        <label className="flex min-h-8 cursor-pointer items-center gap-1.5 pointer-coarse:min-h-11">
          <Switch label="Live updates" checked={live.wanted} onChange={live.setWanted} />
          <span className="text-ink-2 group-data-tight/bar:max-[1699px]:sr-only">Live</span>
        </label>
      )}
      <Menu
        trigger={
          <IconButton label="Import and export" tone="secondary">
            <Ellipsis size={16} />
          </IconButton>
        }
        items={[
          {
            label: "Import…",
            icon: <Upload size={14} />,
            blocked: readOnly ? "Records of a view come from its query" : undefined,
            run: props.onImport,
          },
          { label: "Export…", icon: <Download size={14} />, run: props.onExport },
          { label: "Go to…", run: props.onGoTo },
          { label: "See as…", icon: <Eye size={14} />, run: props.onSeeAs },
        ]}
      />
      {!readOnly && (
        <Button tone="primary" className="ms-auto" aria-keyshortcuts="n" onClick={() => onSearch({ record: "new" })}>
          <Plus size={14} aria-hidden />
          <span>
            New<span className="max-sm:sr-only group-data-tight/bar:max-[1699px]:sr-only"> record</span>
          </span>
        </Button>
      )}
    </div>
  );
}
