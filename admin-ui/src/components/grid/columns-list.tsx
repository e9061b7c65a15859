import { ArrowDown, ArrowUp, Pin } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { prefs, setDensity } from "@/components/prefs";
import { Button, IconButton } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Segmented } from "@/ui/radio";
import { useStore } from "@/ui/use-store";
import { arrange, moveColumn, noState, pinnedCount, togglePin, type ColumnState } from "./column-model";

export type ColumnsListProps = {
  columns: { id: string; name: string }[];
  state: ColumnState;
  onChange: (state: ColumnState) => void;
};

const pinnedFirst = "Pinned columns come first";
const densities = ["compact", "default", "comfortable"] as const;

/** Which columns there are, which ones stay in sight, and in what order; by buttons and by Alt with the arrow keys. */
export function ColumnsList({ columns, state, onChange }: ColumnsListProps) {
  const { density } = useStore(prefs);
  const [search, setSearch] = useState("");
  const ordered = arrange(columns, state);
  const ids = ordered.map((column) => column.id);
  const found = ordered.filter((column) => column.name.toLowerCase().includes(search.trim().toLowerCase()));
  const shownNow = ordered.filter((column) => !state.hidden.includes(column.id));
  const pinned = new Set(shownNow.slice(0, pinnedCount(shownNow, state)).map((column) => column.id));
  const move = (id: string, by: -1 | 1) => onChange({ ...state, order: moveColumn(ids, id, by) });

  /** Whether a border lies between two neighbours: what is pinned stays in front. */
  function apart(left: number, right: number): boolean {
    return state.pinned.includes(ids[left] ?? "") !== state.pinned.includes(ids[right] ?? "");
  }
  function onKeyDown(event: KeyboardEvent, id: string) {
    const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    if (!event.altKey || by === undefined) return;
    event.preventDefault();
    move(id, by < 0 ? -1 : 1);
  }
  return (
    <>
      {columns.length > 8 && (
        <input
          type="search"
          aria-label="Search columns"
          placeholder="Search"
          className="control mb-1.5"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      )}
      <ul>
        {found.map((column) => {
          const index = ids.indexOf(column.id);
          const shown = !state.hidden.includes(column.id);
          return (
            <li
              key={column.id}
              onKeyDown={(event) => onKeyDown(event, column.id)}
              className="flex min-h-8 items-center gap-1 rounded-sm ps-2 hover:bg-hover pointer-coarse:min-h-11"
            >
              <Checkbox
                label={column.name}
                checked={shown}
                onChange={(on) =>
                  onChange({
                    ...state,
                    hidden: on ? state.hidden.filter((id) => id !== column.id) : [...state.hidden, column.id],
                  })
                }
              />
              <span aria-hidden className="min-w-0 flex-1 truncate ps-1.5">
                {column.name}
              </span>
              <IconButton
                label={`Pin ${column.name}`}
                small
                aria-pressed={pinned.has(column.id)}
                className={pinned.has(column.id) ? "!text-accent-text" : ""}
                blocked={pinned.has(column.id) && pinned.size === 1 ? "One column always stays in sight" : null}
                onClick={() => onChange(togglePin(shownNow, state, column.id))}
              >
                <Pin size={14} />
              </IconButton>
              <IconButton
                label={`Move ${column.name} left`}
                small
                blocked={index === 0 ? "Already first" : apart(index - 1, index) ? pinnedFirst : null}
                onClick={() => move(column.id, -1)}
              >
                <ArrowUp size={14} />
              </IconButton>
              <IconButton
                label={`Move ${column.name} right`}
                small
                blocked={index === ids.length - 1 ? "Already last" : apart(index, index + 1) ? pinnedFirst : null}
                onClick={() => move(column.id, 1)}
              >
                <ArrowDown size={14} />
              </IconButton>
            </li>
          );
        })}
      </ul>
      <div className="mt-1 space-y-1.5 border-t border-line pt-1.5">
        <Segmented
          label="Density"
          value={density}
          options={densities.map((value) => ({ value, label: value.slice(0, 1).toUpperCase() + value.slice(1) }))}
          onChange={(next) => setDensity(densities.find((known) => known === next) ?? "default")}
        />
        <Button size="sm" tone="ghost" onClick={() => onChange(noState)}>
          Reset columns
        </Button>
      </div>
    </>
  );
}
