import type { ClipboardEvent } from "react";
import { cellsOf, type CellRange } from "./range";
import type { GridProps } from "./types";

/** As many rows of a paste as are taken at once. */
const maxPaste = 1000;

export function onCell(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.hasAttribute("data-cell");
}

/** Copy, cut and paste of a block of cells. The events of the browser carry the text, so no permission is asked for. */
export function useClipboard<R extends { id: string }>(props: GridProps<R>, range: CellRange) {
  const { columns, rowCount, rowAt } = props;
  const { top, bottom, start, end } = cellsOf(range);

  function onCopy(event: ClipboardEvent<HTMLDivElement>) {
    if (!onCell(event.target) || top < 0 || !props.onCopy) return;
    const rows = Array.from({ length: bottom - top + 1 }, (_, at) => rowAt(top + at)).filter(
      (row) => row !== undefined,
    );
    const some = columns.slice(start - 1, end);
    if (rows.length === 0 || some.length === 0) return;
    event.clipboardData.setData("text/plain", props.onCopy(rows, some, event.type === "cut"));
    event.preventDefault();
  }
  function onPaste(event: ClipboardEvent<HTMLDivElement>) {
    if (!onCell(event.target) || top < 0 || !props.onPaste) return;
    event.preventDefault();
    const below: R[] = [];
    for (let at = top; at < rowCount && at < top + maxPaste; at += 1) {
      const row = rowAt(at);
      if (!row) break;
      below.push(row);
    }
    const size = { rows: bottom - top + 1, columns: end - start + 1 };
    props.onPaste(event.clipboardData.getData("text/plain"), below, columns.slice(start - 1), size);
  }
  return { onCopy, onPaste };
}
