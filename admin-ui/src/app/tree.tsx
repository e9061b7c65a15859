import { useQuery } from "@tanstack/react-query";
import { ChevronRight, Database, Eye, Plus, Search, Users } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { collectionsQuery } from "@/api/collections";
import type { Collection } from "@/api/types";
import { ErrorPanel } from "@/components/panels";
import { cx } from "@/lib/cx";
import { bringIntoSight } from "@/lib/in-sight";
import { buttonClass } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";
import { useFolders, type Folders } from "./folders";
import { collectionPath } from "./paths";

const icons = { base: Database, auth: Users, view: Eye } as const;
const kindWords = { base: "", auth: ", auth collection", view: ", view collection" } as const;

/** All collections; one stop in the tab order, arrows inside. */
export function CollectionTree({ current, onNavigate }: { current: string; onNavigate: (to: string) => void }) {
  const query = useQuery(collectionsQuery);
  const [search, setSearch] = useState("");
  const { folders, names, favourites } = useFolders();
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLUListElement>(null);
  const term = search.trim().toLowerCase();
  const found = (query.data ?? []).filter((collection) => collection.name.toLowerCase().includes(term));
  const groups = groupsOf(found, folders, names, favourites);
  const isOpen = (group: Group) => {
    const holds = group.collections.some((collection) => collection.name === current);
    return term !== "" || (group.label !== "System" || holds) !== toggled.has(group.label);
  };
  const shown = groups.flatMap((group) => (group.label === "" || isOpen(group) ? group.collections : []));
  const first = groups[0]?.label || (groups[0]?.collections[0]?.name ?? "");
  const stop = shown.some((collection) => collection.name === current) ? current : first;
  const toggle = (label: string) =>
    setToggled((now) => new Set(now.has(label) ? [...now].filter((other) => other !== label) : [...now, label]));

  function onKeyDown(event: KeyboardEvent) {
    const items = [...(list.current?.querySelectorAll<HTMLElement>("[data-tree-stop]") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    const group = groups.find(({ label }) => label !== "" && label === items[at]?.dataset["group"]);
    if (to !== undefined) {
      event.preventDefault();
      items[to]?.focus();
    } else if (group && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      event.preventDefault();
      if (isOpen(group) !== (event.key === "ArrowRight")) toggle(group.label);
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
        <ul
          ref={list}
          role="tree"
          aria-label="Collections"
          className="min-h-0 flex-1 overflow-y-auto px-2 pb-3"
          onKeyDown={onKeyDown}
        >
          {groups.map((group) =>
            group.label === "" ? (
              group.collections.map((collection) => entry(collection, 1))
            ) : (
              <TreeGroup
                key={group.label}
                group={group}
                open={isOpen(group)}
                stop={stop === group.label}
                onToggle={() => toggle(group.label)}
              >
                {group.collections.map((collection) => entry(collection, 2))}
              </TreeGroup>
            ),
          )}
        </ul>
      )}
      {query.data && term !== "" && found.length === 0 && (
        <p className="px-4 pb-4 text-ink-3">No collection matches.</p>
      )}
    </div>
  );
}

type Group = { label: string; collections: Collection[] };

/** Favourites first, then folders, then what is in none, and the system's own last. */
function groupsOf(found: Collection[], folders: Folders, names: string[], favourites: string[]): Group[] {
  const own = found.filter((collection) => !collection.system);
  const liked = own.filter((collection) => favourites.includes(collection.id));
  const others = own.filter((collection) => !favourites.includes(collection.id));
  return [
    { label: "Favourites", collections: liked },
    ...names.map((label) => ({ label, collections: others.filter((collection) => folders[collection.id] === label) })),
    { label: "", collections: others.filter((collection) => !folders[collection.id]) },
    { label: "System", collections: found.filter((collection) => collection.system) },
  ].filter((group) => group.collections.length > 0);
}

type TreeGroupProps = { group: Group; open: boolean; stop: boolean; onToggle: () => void; children: ReactNode };

function TreeGroup({ group, open, stop, onToggle, children }: TreeGroupProps) {
  return (
    <li role="none" className="mt-1">
      <div
        role="treeitem"
        aria-level={1}
        aria-expanded={open}
        aria-selected={false}
        data-tree-stop
        data-group={group.label}
        tabIndex={stop ? 0 : -1}
        className="flex h-7 cursor-pointer items-center gap-1.5 rounded-sm px-2 text-sm text-ink-3 select-none -outline-offset-2 hover:bg-hover hover:text-ink pointer-coarse:h-11"
        onClick={onToggle}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === " ") onToggle();
        }}
      >
        <ChevronRight size={14} aria-hidden className={cx("shrink-0 transition-transform", open && "rotate-90")} />
        <span className="truncate">{group.label}</span>
      </div>
      {open && (
        <ul role="group" aria-label={group.label}>
          {children}
        </ul>
      )}
    </li>
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
  const row = useRef<HTMLLIElement>(null);
  // A link from elsewhere may lead to one far down.
  useEffect(() => {
    const list = row.current?.closest("[role=tree]");
    if (current && row.current && list) bringIntoSight(list, row.current);
  }, [current]);
  return (
    <li
      ref={row}
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
