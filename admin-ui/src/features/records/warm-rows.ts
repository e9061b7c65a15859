import type { QueryClient } from "@tanstack/react-query";
import type { Collection } from "@/api/types";
import { defaultSort, keyOf, Ledger } from "./ledger";
import { expandParam, fieldsParam, toFilter } from "./model";
import { readColumns, shownFields } from "./use-columns";
import { pageQuery } from "./use-rows";

/** Asks for the first rows of a table as soon as its schema is known, while the page around it is still being drawn. */
export function warmRows(
  client: QueryClient,
  collection: Collection,
  search: { filter: string; sort: string },
): Promise<void> {
  const sort = search.sort || defaultSort(collection);
  const { visible } = shownFields(collection, readColumns(collection));
  const shape = { fields: fieldsParam(collection, visible, sort), expand: expandParam(visible) };
  const list = { filter: toFilter(search.filter, collection), sort, from: "" };
  return client.prefetchQuery(pageQuery(collection, new Ledger(keyOf(collection, sort), list), shape, 0));
}
