import type { Collection, Field, RecordRow } from "@/api/types";
import { prefs } from "@/components/prefs";
import { parseTyped, toWire } from "@/lib/dates";
import { parseTsv } from "@/lib/tsv";
import { choiceOf } from "@/lib/typed";
import { count } from "@/lib/words";
import type { Edit } from "./cells";
import { fromText, isInline } from "./staged";

type Block = { rows: number; columns: number };

/** Turns text from the clipboard into edits. One cell fills the whole block that is marked. */
export function pasteEdits(
  collection: Collection,
  text: string,
  rows: RecordRow[],
  columns: { name: string }[],
  block: Block,
): { edits: Edit[]; leftOut: number; words: string } {
  const cells = parseTsv(text);
  const single = cells.length === 1 && cells[0]?.length === 1;
  const height = single ? block.rows : cells.length;
  const width = single ? block.columns : Math.max(...cells.map((row) => row.length));
  const edits: Edit[] = [];
  const left = new Map<string, string>();
  let leftOut = 0;
  for (let down = 0; down < height; down += 1) {
    for (let over = 0; over < width; over += 1) {
      const value = single ? cells[0]?.[0] : cells[down]?.[over];
      const row = rows[down];
      const name = columns[over]?.name ?? "";
      const field = collection.fields.find((known) => known.name === name);
      if (value === undefined) continue;
      const read = row && field && isInline(field) ? readCell(field, value) : undefined;
      if (row && read !== undefined) edits.push({ row, field: name, value: read });
      else {
        leftOut += 1;
        // The first of each column tells what is wrong with the others.
        const [where, what] = name === "" || !row ? ["beyond the table", ""] : [name, `: “${value.slice(0, 30)}”`];
        if (!left.has(where)) left.set(where, what);
      }
    }
  }
  const out =
    leftOut === 0
      ? ""
      : `; ${count(leftOut, "cell")} left out (${[...left]
          .map((parts) => parts.join(""))
          .slice(0, 3)
          .join(", ")})`;
  return { edits, leftOut, words: `Pasted ${count(edits.length, "cell")}${out}` };
}

/** `undefined` when the text is no value of the field. */
export function readCell(field: Field, text: string): unknown {
  const plain = text.trim();
  if (field.type === "bool") {
    if (/^(true|1|yes|on)$/i.test(plain)) return true;
    return /^(false|0|no|off|)$/i.test(plain) ? false : undefined;
  }
  if (field.type === "date") {
    if (plain === "") return "";
    const date = parseTyped(plain, prefs.get().zone);
    return date ? toWire(date) : undefined;
  }
  if (field.type === "select") return plain === "" ? plain : choiceOf(field.values, plain);
  return fromText(field.type, field.type === "text" ? text : plain);
}
