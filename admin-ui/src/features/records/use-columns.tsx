import { useMemo, useState } from "react";
import type { Collection, Field, RecordRow } from "@/api/types";
import { arrange, moveColumn, pinnedCount, readColumnState, type ColumnState } from "@/components/grid/column-model";
import type { GridColumn } from "@/components/grid/types";
import { prefs } from "@/components/prefs";
import { cellText, fieldCell, kinds } from "@/fields/registry";
import { readStoredJson, writeStored } from "@/lib/storage";
import { textScale } from "@/ui/text-scale";
import { useMedia } from "@/ui/use-media";
import { useStore } from "@/ui/use-store";
import { isInline } from "./staged";
import { columnFields } from "./model";

export type Columns = {
  all: { id: string; name: string }[];
  fields: Field[];
  columns: GridColumn<RecordRow>[];
  /** How many of them stay in sight. */
  frozen: number;
  state: ColumnState;
  setState: (state: ColumnState) => void;
  resize: (id: string, width: number) => void;
  move: (id: string, by: -1 | 1) => void;
};

const unsortable = new Set(["json", "geoPoint", "password"]);

function storeKey(collection: Collection): string {
  return `stead.columns.${collection.id}`;
}

export function readColumns(collection: Collection): ColumnState {
  return readColumnState(readStoredJson(storeKey(collection)));
}

/** All columns in order, and those that are shown: at least one. */
export function shownFields(collection: Collection, state: ColumnState): { arranged: Field[]; visible: Field[] } {
  const arranged = arrange(columnFields(collection), state);
  const shown = arranged.filter((field) => !state.hidden.includes(field.id));
  return { arranged, visible: shown.length > 0 ? shown : arranged.slice(0, 1) };
}

/** The columns of a collection as this person arranged them, remembered in this browser. */
export function useColumns(collection: Collection): Columns {
  const [state, setState] = useState(() => readColumns(collection));
  function save(next: ColumnState) {
    setState(next);
    writeStored(storeKey(collection), JSON.stringify(next));
  }
  const { all, fields, columns } = useMemo(() => {
    const { arranged, visible } = shownFields(collection, state);
    return {
      all: arranged,
      fields: visible,
      columns: visible.map((field, index) => toColumn(field, state.widths[field.id], index === 0)),
    };
  }, [collection, state]);
  return {
    all,
    fields,
    columns,
    frozen: pinnedCount(fields, state),
    state,
    setState: save,
    move: (id, by) => {
      const ids = all.map((field) => field.id);
      // A hidden column in between is no place to stop at.
      let order = moveColumn(ids, id, by);
      const shown = (list: string[]) => list.filter((other) => !state.hidden.includes(other)).indexOf(id);
      while (shown(order) === shown(ids) && moveColumn(order, id, by) !== order) order = moveColumn(order, id, by);
      save({ ...state, order });
    },
    resize: (id, width) => save({ ...state, widths: { ...state.widths, [id]: width } }),
  };
}

function toColumn(field: Field, width: number | undefined, identity: boolean): GridColumn<RecordRow> {
  const kind = kinds[field.type];
  const Icon = kind.icon;
  const plain = cellText(field);
  const usual = identity ? Math.max(kind.width, 200) : field.name === "id" ? 170 : kind.width;
  return {
    id: field.id,
    name: field.name,
    icon: <Icon size={14} strokeWidth={1.75} />,
    width: width ?? Math.round(usual * textScale()),
    alignEnd: field.type === "number",
    editable: isInline(field),
    sortable: !unsortable.has(field.type),
    cell: (row) => fieldCell({ field, value: row[field.name], record: row }),
    written: plain ? { text: (row) => plain.text(row[field.name]), look: plain.look } : undefined,
  };
}

const heights = { compact: 28, default: 36, comfortable: 44 } as const;

export function useRowHeight(): number {
  const { density } = useStore(prefs);
  const touch = useMedia("(pointer: coarse)");
  return Math.round((touch ? 44 : heights[density]) * textScale());
}
