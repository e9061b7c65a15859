import { expect, test } from "vitest";
import type { RecordRow } from "@/api/types";
import { Ledger, pageSize } from "./ledger";

function rows(from: number, n: number): RecordRow[] {
  return Array.from({ length: n }, (_, at) => ({
    id: `r${String(from + at).padStart(5, "0")}`,
    collectionId: "c",
    collectionName: "c",
    n: from + at,
  }));
}
const key = { field: "n", desc: false };

test("pages follow each other by key and end where rows run out", () => {
  const ledger = new Ledger(key, { filter: "n > 0", sort: "n", from: "" });
  expect(ledger.rowCount()).toBe(pageSize);
  expect(ledger.request(0)).toEqual({ filter: "n > 0", sort: "n,id", page: 1, perPage: pageSize });
  ledger.note(0, ledger.page(0, rows(0, pageSize)));
  expect(ledger.rowCount()).toBe(pageSize * 2);
  expect(ledger.request(1).filter).toBe('(n > 0) && ((n > 99 || (n = 99 && id > "r00099")))');
  ledger.note(1, ledger.page(1, rows(pageSize, 30)));
  expect(ledger.rowCount()).toBe(pageSize + 30);
  expect(ledger.complete()).toBe(true);
});

test("a page that is loaded again keeps to its range, so rows never appear twice", () => {
  const ledger = new Ledger(key, { filter: "", sort: "n", from: "" });
  ledger.note(0, ledger.page(0, rows(0, pageSize)));
  expect(ledger.request(0).filter).toBe('(n < 99 || (n = 99 && id <= "r00099"))');
  ledger.note(0, ledger.page(0, rows(0, pageSize - 3)));
  expect(ledger.locate(pageSize - 3)).toEqual({ page: 1, offset: 0 });
  expect(ledger.complete()).toBe(false);
});

test("without a usable key pages are numbered", () => {
  const ledger = new Ledger(null, { filter: "", sort: "a,b", from: "" });
  ledger.note(0, ledger.page(0, rows(0, pageSize)));
  expect(ledger.request(1)).toEqual({ filter: "", sort: "a,b", page: 2, perPage: pageSize });
  ledger.note(1, ledger.page(1, []));
  expect(ledger.complete()).toBe(true);
  expect(ledger.rowCount()).toBe(pageSize);
});

test("an empty list is complete at once", () => {
  const ledger = new Ledger(key, { filter: "", sort: "n", from: "" });
  ledger.note(0, ledger.page(0, []));
  expect(ledger.rowCount()).toBe(0);
  expect(ledger.complete()).toBe(true);
});
