import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { Button, IconButton } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Float } from "@/ui/popover";
import { arrange, moveColumn, noState, type ColumnState } from "./column-model";

type ColumnsMenuProps = {
  columns: { id: string; name: string }[];
  state: ColumnState;
  onChange: (state: ColumnState) => void;
};

export function ColumnsMenu({ columns, state, onChange }: ColumnsMenuProps) {
  const ordered = arrange(columns, state);
  const ids = ordered.map((column) => column.id);
  return (
    <Float
      label="Columns"
      className="w-72 p-2"
      trigger={
        <Button>
          <Columns3 size={14} aria-hidden /> <span className="max-lg:sr-only">Columns</span>
        </Button>
      }
    >
      <ul>
        {ordered.map((column, index) => (
          <li
            key={column.id}
            className="flex min-h-8 items-center gap-1 rounded-sm ps-2 hover:bg-hover pointer-coarse:min-h-11"
          >
            <Checkbox
              label={column.name}
              checked={!state.hidden.includes(column.id)}
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
              label={`Move ${column.name} left`}
              small
              blocked={index === 0 ? "Already first" : null}
              onClick={() => onChange({ ...state, order: moveColumn(ids, column.id, -1) })}
            >
              <ArrowUp size={14} />
            </IconButton>
            <IconButton
              label={`Move ${column.name} right`}
              small
              blocked={index === ids.length - 1 ? "Already last" : null}
              onClick={() => onChange({ ...state, order: moveColumn(ids, column.id, 1) })}
            >
              <ArrowDown size={14} />
            </IconButton>
          </li>
        ))}
      </ul>
      <div className="mt-1 border-t border-line pt-1.5">
        <Button size="sm" tone="ghost" onClick={() => onChange(noState)}>
          Reset columns
        </Button>
      </div>
    </Float>
  );
}
