/** The only place that spells addresses. They are hash routes: everything here comes after `#`. */
export function collectionPath(name: string): string {
  return `/collections/${encodeURIComponent(name)}`;
}

export type CollectionSearch = { filter: string; sort: string; record: string; tab: string };
export const emptySearch: CollectionSearch = { filter: "", sort: "", record: "", tab: "" };

/** Search parameters are plain text, so that links can be read, typed and shared with other clients of the same data. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (typeof value === "string" && value !== "") params.set(key, value);
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

export function readSearch(search: Record<string, unknown>): CollectionSearch {
  const text = (key: string) => (typeof search[key] === "string" ? search[key] : "");
  return { filter: text("filter"), sort: text("sort"), record: text("record"), tab: text("tab") };
}

export function collectionHref(name: string, search: CollectionSearch): string {
  return `#${collectionPath(name)}${stringifySearch(search)}`;
}

/**
 * Addresses of PocketBase's dashboard that appear in bookmarks and documents. `null` when the address is our own.
 */
export function aliasOf(
  path: string,
  search: Record<string, string>,
): { path: string; search: CollectionSearch } | null {
  const named = search["collection"];
  if (path === "/collections" && named) return { path: collectionPath(named), search: readSearch(search) };
  return null;
}

export type LogsSearch = {
  filter: string;
  level: string;
  range: string;
  from: string;
  to: string;
  log: string;
  all: string;
};

export function readLogsSearch(search: Record<string, unknown>): LogsSearch {
  const text = (key: string) => (typeof search[key] === "string" ? search[key] : "");
  return {
    filter: text("filter"),
    level: text("level"),
    range: text("range"),
    from: text("from"),
    to: text("to"),
    log: text("log"),
    all: text("all"),
  };
}

const moved: Record<string, string> = {
  crons: "/jobs",
  sql: "/sql",
  "export-collections": "/settings/schema-sync",
  "import-collections": "/settings/schema-sync",
};

/** Where a settings address of PocketBase's dashboard leads; `null` when the section is our own. */
export function settingsAlias(section: string): string | null {
  return moved[section] ?? null;
}
