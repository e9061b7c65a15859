import type { Editor } from "@tiptap/core";
import { isInTable } from "@tiptap/pm/tables";
import {
  Bold,
  Code,
  Heading2,
  Italic,
  List,
  ListOrdered,
  Quote,
  Redo2,
  Table as TableIcon,
  Undo2,
  type LucideIcon,
} from "lucide-react";
import { cx } from "@/lib/cx";
import { LinkTool } from "./link-tool";
import { PictureTool, type OwnPicture } from "./picture-tool";
import { insertTable } from "./table";

type Format = { label: string; icon: LucideIcon; name: string; run: (editor: Editor) => void };

const formats: Format[] = [
  { label: "Bold", icon: Bold, name: "bold", run: (editor) => editor.chain().focus().toggleBold().run() },
  { label: "Italic", icon: Italic, name: "italic", run: (editor) => editor.chain().focus().toggleItalic().run() },
  {
    label: "Heading",
    icon: Heading2,
    name: "heading",
    run: (editor) => editor.chain().focus().toggleHeading({ level: 2 }).run(),
  },
  { label: "List", icon: List, name: "bulletList", run: (editor) => editor.chain().focus().toggleBulletList().run() },
  {
    label: "Numbered list",
    icon: ListOrdered,
    name: "orderedList",
    run: (editor) => editor.chain().focus().toggleOrderedList().run(),
  },
  { label: "Quote", icon: Quote, name: "blockquote", run: (editor) => editor.chain().focus().toggleBlockquote().run() },
  { label: "Code", icon: Code, name: "codeBlock", run: (editor) => editor.chain().focus().toggleCodeBlock().run() },
];

export function Tools({ editor, pictures }: { editor: Editor; pictures: OwnPicture[] }) {
  const inTable = isInTable(editor.state);
  return (
    <>
      {formats.map(({ label, icon, name, run }) => (
        <Tool key={label} label={label} icon={icon} on={editor.isActive(name)} run={() => run(editor)} />
      ))}
      <LinkTool editor={editor} />
      <PictureTool editor={editor} pictures={pictures} />
      <Tool
        label="Table"
        icon={TableIcon}
        on={inTable}
        blocked={inTable ? "A table can't be put into another" : null}
        run={() => insertTable(editor)}
      />
      <Tool label="Undo" run={() => editor.chain().focus().undo().run()} icon={Undo2} />
      <Tool label="Redo" run={() => editor.chain().focus().redo().run()} icon={Redo2} />
    </>
  );
}

type ToolProps = { label: string; on?: boolean; blocked?: string | null; run: () => void; icon: LucideIcon };

function Tool({ label, on, blocked = null, run, icon: Icon }: ToolProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={blocked ?? label}
      aria-pressed={on}
      aria-disabled={blocked !== null || undefined}
      onClick={() => {
        if (blocked === null) run();
      }}
      className={cx(
        "flex size-7 items-center justify-center rounded-sm pointer-coarse:size-11",
        on ? "bg-selected text-accent-text" : "text-ink-2 hover:bg-hover",
      )}
    >
      <Icon size={14} />
    </button>
  );
}
