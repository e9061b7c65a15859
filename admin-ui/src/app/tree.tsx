import { useQuery } from "@tanstack/react-query";
import { ChevronRight, Database, Eye, Plus, Search, Users } from "lucide-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { collectionsQuery } from "@/api/collections";
import type { Collection } from "@/api/types";
import { ErrorPanel } from "@/components/panels";
import { cx } from "@/lib/cx";
import { buttonClass } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";
import { collectionPath } from "./paths";

const icons = { base: Database, auth: Users, view: Eye } as const;
const kindWords = { base: "", auth: ", auth collection", view: ", view collection" } as const;

/** All collections; one stop in the tab order, arrows inside. */
export function CollectionTree({ current, onNavigate }: { current: string; onNavigate: (to: string) => void }) {
  const query = useQuery(collectionsQuery);
  const [search, setSearch] = useState("");
  const [systemOpen, setSystemOpen] = useState(current.startsWith("_"));
  const list = useRef<HTMLUListElement>(null);
  const term = search.trim().toLowerCase();
  const found = (query.data ?? []).filter((collection) => collection.name.toLowerCase().includes(term));
  const own = found.filter((collection) => !collection.system);
  const system = found.filter((collection) => collection.system);
  const showSystem = systemOpen || term !== "";
  const first = own[0]?.name ?? "system";
  const stop = found.some((collection) => collection.name === current && (!collection.system || showSystem))
    ? current
    : first;

  function onKeyDown(event: KeyboardEvent) {
    const items = [...(list.current?.querySelectorAll<HTMLElement>("[data-tree-stop]") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items[to]?.focus();
    } else if (
      (event.key === "ArrowRight" || event.key === "ArrowLeft") &&
      document.activeElement?.hasAttribute("data-group")
    ) {
      event.preventDefault();
      setSystemOpen(event.key === "ArrowRight");
    }
  }
  const entry = (collection: Collection, level: number) => (
    <TreeEntry
      key={collection.id}
      collection={collection}
      level={level}
      current={collection.name === current}
      stop={collection.name === stop}
      onNavigate={onNavigate}
    />
  );
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-1 p-2 pb-1.5">
        <div className="control flex min-w-0 flex-1 items-center gap-1.5 !py-0">
          <Search size={14} aria-hidden className="shrink-0 text-ink-3" />
          <input
            type="search"
            aria-label="Search collections"
            className="h-[30px] min-w-0 flex-1 bg-transparent outline-none"
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
        <ul
          ref={list}
          role="tree"
          aria-label="Collections"
          className="min-h-0 flex-1 overflow-y-auto px-2 pb-3"
          onKeyDown={onKeyDown}
        >
          {own.map((collection) => entry(collection, 1))}
          {system.length > 0 && (
            <li
              role="treeitem"
              aria-label="System"
              aria-level={1}
              aria-expanded={showSystem}
              aria-selected={false}
              className="mt-2"
            >
              <div
                data-tree-stop
                data-group
                tabIndex={stop === "system" ? 0 : -1}
                className="flex h-7 cursor-pointer items-center gap-1.5 rounded-sm px-2 text-sm text-ink-3 select-none hover:bg-hover hover:text-ink pointer-coarse:h-11"
                onClick={() => setSystemOpen(!systemOpen)}
                onKeyDown={(event) => {
                  if (event.key === "Enter" || event.key === " ") setSystemOpen(!systemOpen);
                }}
              >
                <ChevronRight size={14} aria-hidden className={cx("transition-transform", showSystem && "rotate-90")} />
                System
              </div>
              {showSystem && <ul role="group">{system.map((collection) => entry(collection, 2))}</ul>}
            </li>
          )}
        </ul>
      )}
      {query.data && term !== "" && found.length === 0 && (
        <p className="px-4 pb-4 text-ink-3">No collection matches.</p>
      )}
    </div>
  );
}

type TreeEntryProps = {
  collection: Collection;
  level: number;
  current: boolean;
  stop: boolean;
  onNavigate: (to: string) => void;
};

function TreeEntry({ collection, level, current, stop, onNavigate }: TreeEntryProps) {
  const Icon = icons[collection.type];
  return (
    <li
      role="treeitem"
      aria-label={`${collection.name}${kindWords[collection.type]}`}
      aria-level={level}
      aria-selected={current}
    >
      <a
        href={`#${collectionPath(collection.name)}`}
        data-tree-stop
        tabIndex={stop ? 0 : -1}
        title={collection.name}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          onNavigate(collectionPath(collection.name));
        }}
        className={cx(
          "flex h-8 items-center gap-2 rounded-sm pe-2 -outline-offset-2 pointer-coarse:h-11",
          level === 1 ? "ps-2" : "ps-6",
          current ? "bg-selected font-medium text-ink" : "text-ink-2 hover:bg-hover hover:text-ink",
        )}
      >
        <Icon
          size={14}
          strokeWidth={1.75}
          aria-hidden
          className={cx("shrink-0", current ? "text-accent-text" : "text-ink-3")}
        />
        <span className="truncate">{collection.name}</span>
      </a>
    </li>
  );
}
