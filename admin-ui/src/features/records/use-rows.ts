import { queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { firstRecords, listRecords } from "@/api/records";
import type { Collection, RecordRow } from "@/api/types";
import { keyOf, Ledger, type ListQuery, type Page } from "./ledger";

export type RowShape = { fields: string; expand: string };

/** Rows that are loaded before they come into sight, in either direction. */
const ahead = 50;

/** How long rows that scrolled away stay in memory. */
const keepMs = 30_000;

export function pageQuery(collection: Collection, ledger: Ledger, shape: RowShape, index: number) {
  const { filter, sort, from } = ledger.query;
  return queryOptions({
    queryKey: ["records", collection.name, "rows", filter, sort, from, shape.fields, shape.expand, index],
    queryFn: async ({ signal }): Promise<Page> => {
      const list = index === 0 ? firstRecords : listRecords;
      const rows = await list(collection.name, { ...ledger.request(index), ...shape }, signal);
      return ledger.page(index, rows);
    },
    gcTime: keepMs,
    retry: false,
  });
}

export type Rows = {
  rowCount: number;
  rowAt: (index: number) => RecordRow | undefined;
  loadedRows: RecordRow[];
  onRange: (from: number, to: number) => void;
  /** Nothing has been shown yet. */
  loading: boolean;
  fetching: boolean;
  /** The newest list was refused; the rows shown are the last good ones. */
  error: unknown;
  stale: boolean;
  complete: boolean;
  shown: ListQuery | null;
  retry: () => void;
};

function sameList(a: ListQuery, b: ListQuery): boolean {
  return a.filter === b.filter && a.sort === b.sort && a.from === b.from;
}

/** The rows of a list around the visible part. A list that fails never takes the last good one away. */
export function useRows(collection: Collection, wanted: ListQuery, shape: RowShape): Rows {
  const [range, setRange] = useState({ from: 0, to: 0 });
  const [current, setCurrent] = useState<Ledger | null>(null);
  const [candidate, setCandidate] = useState(() => new Ledger(keyOf(collection, wanted.sort), wanted));
  if (!sameList(candidate.query, wanted)) {
    setCandidate(new Ledger(keyOf(collection, wanted.sort), wanted));
  }
  const probe = useQuery(pageQuery(collection, candidate, shape, 0));
  if (probe.data && current !== candidate && sameList(candidate.query, wanted)) {
    setCurrent(candidate);
    setRange({ from: 0, to: 0 });
  }

  const ledger = current ?? candidate;
  const firstPage = ledger.locate(Math.max(0, range.from - ahead)).page;
  const lastPage = ledger.locate(range.to + ahead).page;
  const indexes = Array.from({ length: lastPage - firstPage + 1 }, (_, at) => firstPage + at);
  const results = useQueries({
    queries: indexes.map((index) => ({ ...pageQuery(collection, ledger, shape, index), enabled: current !== null })),
  });
  const pages = new Map<number, Page>();
  for (const [at, result] of results.entries()) {
    const index = indexes[at];
    if (index === undefined || !result.data) continue;
    ledger.note(index, result.data);
    pages.set(index, result.data);
  }
  // Only pages matter here: scrolling within them draws nothing but the rows.
  const onRange = useCallback(
    (from: number, to: number) => {
      const pageOf = (row: number) => ledger.locate(Math.max(0, row)).page;
      setRange((now) =>
        pageOf(now.from - ahead) === pageOf(from - ahead) && pageOf(now.to + ahead) === pageOf(to + ahead)
          ? now
          : { from, to },
      );
    },
    [ledger],
  );
  return {
    rowCount: current ? ledger.rowCount() : 0,
    rowAt: (index) => {
      const { page, offset } = ledger.locate(index);
      return pages.get(page)?.rows[offset];
    },
    loadedRows: [...pages.values()].flatMap((page) => page.rows),
    onRange,
    loading: current === null && probe.isPending,
    fetching: probe.isFetching || results.some((result) => result.isFetching),
    error: probe.error ?? results.find((result) => result.error)?.error ?? null,
    stale: current !== null && current !== candidate,
    complete: ledger.complete(),
    shown: current?.query ?? null,
    retry: () => {
      void probe.refetch();
      for (const result of results) if (result.isError) void result.refetch();
    },
  };
}
