import { useQuery } from "@tanstack/react-query";
import { Plus, Search } from "lucide-react";
import { useState } from "react";
import { collectionsQuery } from "@/api/collections";
import { ErrorPanel } from "@/components/panels";
import { cx } from "@/lib/cx";
import { buttonClass } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";
import { useFolders } from "./folders";
import { groupsOf, rowsOf, type Group } from "./tree-model";
import { TreeRows } from "./tree-rows";

/** All collections, and what they are found by. */
export function CollectionTree({ current, onNavigate }: { current: string; onNavigate: (to: string) => void }) {
  const query = useQuery(collectionsQuery);
  const [search, setSearch] = useState("");
  const { folders, names, favourites } = useFolders();
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const term = search.trim().toLowerCase();
  const found = (query.data ?? []).filter((collection) => collection.name.toLowerCase().includes(term));
  const groups = groupsOf(found, folders, names, favourites);
  const isOpen = (group: Group) => {
    const holds = group.collections.some((collection) => collection.name === current);
    return term !== "" || (group.id !== "system" || holds) !== toggled.has(group.id);
  };
  const rows = rowsOf(groups, isOpen);
  const shown = rows.find(({ collection }) => collection?.name === current);
  const toggle = (id: string) =>
    setToggled((now) => new Set(now.has(id) ? [...now].filter((other) => other !== id) : [...now, id]));
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-1 p-2 pb-1.5">
        <div className="control flex min-w-0 flex-1 items-center gap-1.5 !py-0">
          <Search size={14} aria-hidden className="shrink-0 text-ink-3" />
          <input
            type="search"
            aria-label="Search collections"
            className="h-[1.875rem] min-w-0 flex-1 bg-transparent outline-none"
            placeholder="Search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </div>
        <button
          type="button"
          aria-label="New collection"
          title="New collection"
          className={cx(buttonClass("secondary"), "w-8 shrink-0 !px-0")}
          onClick={() => onNavigate("/new-collection")}
        >
          <Plus size={16} />
        </button>
      </div>
      {query.isPending && (
        <div className="space-y-4 p-3" aria-busy>
          {[0, 1, 2, 3, 4].map((n) => (
            <Skeleton key={n} className="w-3/4" />
          ))}
        </div>
      )}
      {query.isError && !query.data && (
        <ErrorPanel what="No collections" error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && (
        <TreeRows
          groups={groups}
          rows={rows}
          isOpen={isOpen}
          current={current}
          stop={(shown ?? rows[0])?.key ?? ""}
          onToggle={toggle}
          onNavigate={onNavigate}
        />
      )}
      {query.data && term !== "" && found.length === 0 && (
        <p className="px-4 pb-4 text-ink-3">No collection matches.</p>
      )}
    </div>
  );
}
