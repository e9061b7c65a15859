import { usePref } from "@/components/use-pref";
import { isObject, isString } from "@/lib/assert";

/** Which folder a collection is in, by id; one without is at the top. */
export type Folders = Record<string, string>;

function readFolders(stored: unknown): Folders {
  if (!isObject(stored)) return {};
  return Object.fromEntries(
    Object.entries(stored).filter((pair): pair is [string, string] => isString(pair[1]) && pair[1] !== ""),
  );
}

function readIds(stored: unknown): string[] {
  return Array.isArray(stored) ? stored.filter(isString) : [];
}

/** Folders belong to everybody, favourites to oneself. Neither is part of the schema. */
export function useFolders() {
  const folders = usePref("shared", "folders", readFolders);
  const favourites = usePref("me", "favourites", readIds);
  return {
    folders: folders.value,
    names: [...new Set(Object.values(folders.value))].toSorted((a, b) => a.localeCompare(b)),
    favourites: favourites.value,
    move: (id: string, folder: string) =>
      folders.change(({ [id]: _old, ...others }) => (folder === "" ? others : { ...others, [id]: folder })),
    toggleFavourite: (id: string) =>
      favourites.change((now) => (now.includes(id) ? now.filter((other) => other !== id) : [...now, id])),
  };
}
