import { listRecords } from "@/api/records";
import type { Collection } from "@/api/types";
import { spanOf, toWire, type Zone } from "@/lib/dates";
import { allOf, beforeCursor, fromCursor, keysetSort, literal, reversed, type SortKey } from "@/lib/keyset";
import { BadText, badDate, readNumber } from "@/lib/typed";
import { cursorOf, pageSize } from "./ledger";

/** A list that starts somewhere inside: the condition its rows meet, the one those before it meet, and words for it. */
export type Jump = { from: string; before: string; words: string; focus: "first" | "last" };

/** Finds places in a list by its key, so that nothing is counted or skipped on the way. */
async function backwards(collection: Collection, filter: string, key: SortKey, perPage: number) {
  const sort = keysetSort(reversed(key));
  const fields = key.field === "id" ? "id" : `id,${key.field}`;
  const rows = await listRecords(collection.name, { filter, sort, page: 1, perPage, fields });
  const last = rows.at(-1);
  return last ? { cursor: cursorOf(key, last), whole: rows.length < perPage } : null;
}

export async function endOf(collection: Collection, filter: string, key: SortKey): Promise<Jump> {
  // One less than a page, so that the page is known to be the last.
  const some = pageSize - 1;
  const found = await backwards(collection, filter, key, some);
  if (!found || found.whole) return { from: "", before: "", words: "", focus: "last" };
  return {
    from: fromCursor(key, found.cursor),
    before: beforeCursor(key, found.cursor),
    words: `the last ${some} records`,
    focus: "last",
  };
}

/** A hundred rows further up; `null` when that is the beginning. */
export async function earlierThan(
  collection: Collection,
  filter: string,
  key: SortKey,
  here: Jump,
): Promise<Jump | null> {
  const found = await backwards(collection, allOf([filter, here.before]), key, pageSize);
  if (!found || found.whole) return null;
  return {
    from: fromCursor(key, found.cursor),
    before: beforeCursor(key, found.cursor),
    words: here.words === "" ? "here" : `before ${here.words.replace(/^before /, "")}`,
    focus: "first",
  };
}

/** Rows from a value of the sorted column on; times are those of the table. A day stands for all of it. */
export function jumpToValue(key: SortKey, type: string, text: string, zone: Zone): Jump | string {
  if (text.trim() === "") return "Type a value to go to.";
  const value = read(key, type, text.trim(), zone);
  if (value instanceof BadText) return value.message;
  const sign = key.desc ? "<=" : ">=";
  return {
    from: `${key.field} ${sign} ${literal(value)}`,
    before: `${key.field} ${key.desc ? ">" : "<"} ${literal(value)}`,
    words: `${key.field} ${key.desc ? "≤" : "≥"} ${text.trim()}`,
    focus: "first",
  };
}

function read(key: SortKey, type: string, text: string, zone: Zone): string | number | BadText {
  if (type === "number") return readNumber(text) ?? 0;
  if (type !== "date" && type !== "autodate") return text;
  const span = spanOf(text, zone);
  return span ? toWire(key.desc ? span.last : span.first) : badDate(text);
}

/** The place of one record in the list. */
export async function jumpToRecord(collection: Collection, filter: string, key: SortKey, id: string): Promise<Jump> {
  const fields = key.field === "id" ? "id" : `id,${key.field}`;
  const one = allOf([filter, `id = ${literal(id)}`]);
  const [row] = await listRecords(collection.name, { filter: one, sort: "", page: 1, perPage: 1, fields });
  if (!row) throw new Error(`No record of this list has the id ${id}.`);
  const cursor = cursorOf(key, row);
  return { from: fromCursor(key, cursor), before: beforeCursor(key, cursor), words: `record ${id}`, focus: "first" };
}
