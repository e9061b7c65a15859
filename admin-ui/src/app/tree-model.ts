import type { Collection } from "@/api/types";
import type { Folders } from "./folders";

/** A folder may be called like a group of ours. */
export type Group = { id: string; label: string; collections: Collection[] };

/** Where an entry stands among its siblings: only those near what is in sight are drawn, so it has to be said. */
type Place = { key: string; level: number; at: number; of: number };
export type Row = Place & { group: Group; collection: Collection | null };

/** Favourites first, then folders, then what is in none, and the system's own last. */
export function groupsOf(found: Collection[], folders: Folders, names: string[], favourites: string[]): Group[] {
  const own = found.filter((collection) => !collection.system);
  const liked = own.filter((collection) => favourites.includes(collection.id));
  const others = own.filter((collection) => !favourites.includes(collection.id));
  return [
    { id: "favourites", label: "Favourites", collections: liked },
    ...names.map((label) => ({
      id: `folder ${label}`,
      label,
      collections: others.filter((collection) => folders[collection.id] === label),
    })),
    { id: "", label: "", collections: others.filter((collection) => !folders[collection.id]) },
    { id: "system", label: "System", collections: found.filter((collection) => collection.system) },
  ].filter((group) => group.collections.length > 0);
}

/** What is to be seen of them, line by line: a group without a name has no line of its own. */
export function rowsOf(groups: Group[], isOpen: (group: Group) => boolean): Row[] {
  const of = groups.reduce((sum, group) => sum + (group.label === "" ? group.collections.length : 1), 0);
  const rows: Row[] = [];
  let at = 0;
  for (const group of groups) {
    const named = group.label !== "";
    if (named) rows.push({ key: `group ${group.id}`, level: 1, at: (at += 1), of, group, collection: null });
    if (named && !isOpen(group)) continue;
    group.collections.forEach((collection, index) =>
      rows.push({
        key: `collection ${collection.id}`,
        group,
        collection,
        ...(named ? { level: 2, at: index + 1, of: group.collections.length } : { level: 1, at: (at += 1), of }),
      }),
    );
  }
  return rows;
}
