import type { Editor } from "@tiptap/core";
import type { Command } from "@tiptap/pm/state";
import {
  addColumnAfter,
  addColumnBefore,
  addRowAfter,
  addRowBefore,
  deleteColumn,
  deleteRow,
  deleteTable,
  isInTable,
  toggleHeaderRow,
} from "@tiptap/pm/tables";
import { Button } from "@/ui/button";

const tools: { label: string; command: Command }[] = [
  { label: "Add row above", command: addRowBefore },
  { label: "Add row below", command: addRowAfter },
  { label: "Add column before", command: addColumnBefore },
  { label: "Add column after", command: addColumnAfter },
  { label: "Header row", command: toggleHeaderRow },
  { label: "Delete row", command: deleteRow },
  { label: "Delete column", command: deleteColumn },
  { label: "Delete table", command: deleteTable },
];

/** Below the text, so that it does not move when the caret enters a table. */
export function TableTools({ editor, label }: { editor: Editor; label: string }) {
  if (!isInTable(editor.state)) return null;
  return (
    <div role="toolbar" aria-label={`Table in ${label}`} className="flex flex-wrap gap-1 border-t border-line p-1">
      {tools.map((tool) => (
        <Button
          key={tool.label}
          tone="ghost"
          size="sm"
          onClick={() => {
            tool.command(editor.state, editor.view.dispatch);
            editor.commands.focus();
          }}
        >
          {tool.label}
        </Button>
      ))}
    </div>
  );
}
