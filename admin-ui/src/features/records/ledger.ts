import type { Collection, Field, RecordRow } from "@/api/types";
import { allOf, keysetSort, parseSort, rangeFilter, type Cursor, type SortKey } from "@/lib/keyset";

export const pageSize = 100;
/** A page defined by a key range grows when others insert into it; this is as far as it is followed. */
export const pageCap = 200;

/** From this many rows on the way through the whole table can be felt. */
export const costly = 50_000;

/**
 * What is asked for: the filter in the server's language, the sort as in the address, and where the list starts when that is
 * not its beginning.
 */
export type ListQuery = { filter: string; sort: string; from: string };
export type Page = { rows: RecordRow[]; next: Cursor | null; full: boolean };
export type PageRequest = { filter: string; sort: string; page: number; perPage: number };

/** Types that compare the same way in a filter and in an order, so that a value can be a page border. */
const comparable = new Set(["text", "email", "url", "date", "autodate", "number", "bool"]);

function isComparable(field: Field): boolean {
  if (field.type === "select" || field.type === "relation" || field.type === "file") return field.maxSelect <= 1;
  return comparable.has(field.type);
}

/** The key pages are cut by, or `null` when only page numbers work (several keys, structured values). */
export function keyOf(collection: Collection, sort: string): SortKey | null {
  const keys = parseSort(sort);
  const [key] = keys;
  if (!key || keys.length > 1) return null;
  const field = collection.fields.find((candidate) => candidate.name === key.field);
  return field && isComparable(field) ? key : null;
}

/** Newest first when the collection knows when its records were made. */
export function defaultSort(collection: Collection): string {
  const made = collection.fields.find((field) => field.type === "autodate" && field.onCreate && !field.onUpdate);
  if (made) return `-${made.name}`;
  return collection.type === "view" ? "" : "-@rowid";
}

export function cursorOf(key: SortKey, row: RecordRow): Cursor {
  const value = row[key.field];
  const plain = typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : "";
  return { value: plain, id: row.id };
}

/**
 * Remembers where each page starts and how long it is, also after its rows have been dropped from memory. Heights stay true
 * while thousands of rows come and go. It only grows; a new list gets a new ledger.
 */
export class Ledger {
  private starts: (Cursor | null)[] = [null];
  private counts: number[] = [];
  private ended = false;

  constructor(
    readonly key: SortKey | null,
    readonly query: ListQuery,
  ) {}

  request(index: number): PageRequest {
    const { sort } = this.query;
    const filter = allOf([this.query.filter, this.query.from]);
    if (!this.key) return { filter, sort, page: index + 1, perPage: pageSize };
    const upTo = this.starts[index + 1] ?? null;
    return {
      filter: allOf([filter, rangeFilter(this.key, this.starts[index] ?? null, upTo)]),
      sort: keysetSort(this.key),
      page: 1,
      perPage: upTo ? pageCap : pageSize,
    };
  }

  /** Turns rows into a page; the border to the next page is the last row. */
  page(index: number, rows: RecordRow[]): Page {
    const known = this.starts[index + 1] ?? null;
    const last = rows.at(-1);
    const full = known !== null || rows.length >= pageSize;
    return { rows, full, next: known ?? (this.key && last && full ? cursorOf(this.key, last) : null) };
  }

  note(index: number, page: Page): void {
    this.counts[index] = page.rows.length;
    if (page.full && page.next) this.starts[index + 1] ??= page.next;
    if (index >= this.counts.length - 1) this.ended = !page.full;
  }

  /** Rows that are known, plus a screenful to scroll into while there may be more. */
  rowCount(): number {
    return this.loaded() + (this.ended ? 0 : pageSize);
  }

  loaded(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  complete(): boolean {
    return this.ended;
  }

  /** Which page a row is on and where. Rows beyond what is known lie on the next page. */
  locate(row: number): { page: number; offset: number } {
    let offset = row;
    for (const [page, count] of this.counts.entries()) {
      if (offset < count) return { page, offset };
      offset -= count;
    }
    return { page: this.ended ? Math.max(0, this.counts.length - 1) : this.counts.length, offset };
  }
}
