import { queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
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

const firstOnly = { first: 0, last: 0 };

function sameList(a: ListQuery, b: ListQuery): boolean {
  return a.filter === b.filter && a.sort === b.sort && a.from === b.from;
}

/** The rows of a list around the visible part. A list that fails never takes the last good one away. */
export function useRows(collection: Collection, wanted: ListQuery, shape: RowShape): Rows {
  const visible = useRef({ from: 0, to: 0 });
  /** The pages that are needed. Kept as pages: which one a row is on changes as others become known. */
  const [needed, setNeeded] = useState(firstOnly);
  const [current, setCurrent] = useState<Ledger | null>(null);
  const [candidate, setCandidate] = useState(() => new Ledger(keyOf(collection, wanted.sort), wanted));
  if (!sameList(candidate.query, wanted)) {
    setCandidate(new Ledger(keyOf(collection, wanted.sort), wanted));
  }
  const probe = useQuery(pageQuery(collection, candidate, shape, 0));
  if (probe.data && current !== candidate && sameList(candidate.query, wanted)) {
    setCurrent(candidate);
    setNeeded(firstOnly);
  }

  const ledger = current ?? candidate;
  const indexes = Array.from({ length: needed.last - needed.first + 1 }, (_, at) => needed.first + at);
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
  const need = useCallback(() => {
    const { from, to } = visible.current;
    const first = ledger.locate(Math.max(0, from - ahead)).page;
    const last = ledger.locate(to + ahead).page;
    // Scrolling within pages draws nothing but the rows.
    setNeeded((now) => (now.first === first && now.last === last ? now : { first, last }));
  }, [ledger]);
  const onRange = useCallback(
    (from: number, to: number) => {
      visible.current = { from, to };
      need();
    },
    [need],
  );
  const known = ledger.loaded();
  // Rows that have come may end before what is in sight, or close to it.
  useEffect(() => {
    if (known > 0) need();
  }, [need, known]);
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
