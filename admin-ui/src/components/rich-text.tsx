import { Editor } from "@tiptap/core";
import { StarterKit } from "@tiptap/starter-kit";
import { Bold, Code, Heading2, Italic, List, ListOrdered, Quote, Redo2, Undo2 } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { cx } from "@/lib/cx";
import { normalHtml, tightLists } from "@/lib/html";
import type { ControlProps } from "@/ui/field";
import { Segmented } from "@/ui/radio";
import { LinkTool } from "./link-tool";

type RichTextProps = { control: ControlProps; label: string; value: string; onChange: (html: string) => void };

// Links are kept as they are: by itself the editor would make all of them open in a new window.
const link = { openOnClick: false, HTMLAttributes: { target: null, rel: null } };
const extensions = [StarterKit.configure({ link })];

/** Whether the visual editor would give this text back as it is; if not, only the source may be edited. */
function survives(html: string): boolean {
  if (!/[<&]/.test(html)) return true;
  // Programs are lost in any case, and are not even parsed.
  if (/<(script|iframe|object|embed)\b|\son\w+\s*=/i.test(html)) return false;
  const probe = new Editor({ extensions, content: html, injectCSS: false });
  const back = probe.getHTML();
  probe.destroy();
  return normalHtml(spelledOut(back)) === normalHtml(spelledOut(html));
}

/** As a browser writes it: one spelling for every entity and quote. Nothing in it is run or loaded. */
function spelledOut(html: string): string {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  return new XMLSerializer().serializeToString(body);
}

export default function RichText({ control, label, value, onChange }: RichTextProps) {
  const [lossless] = useState(() => survives(value));
  const [mode, setMode] = useState(lossless ? "visual" : "source");
  return (
    <div className="control !p-0">
      <div className="flex flex-wrap items-center justify-between gap-1 border-b border-line px-1 py-1">
        <Segmented
          label={`How to edit ${label}`}
          value={mode}
          onChange={setMode}
          options={[
            { value: "visual", label: "Visual" },
            { value: "source", label: "Source" },
          ]}
        />
        {!lossless && mode === "visual" && (
          <span className="text-sm text-warn">Editing here drops HTML it doesn't know.</span>
        )}
        {!lossless && mode === "source" && (
          <span className="text-sm text-ink-3">Uses HTML the visual editor can't keep.</span>
        )}
      </div>
      {mode === "visual" ? (
        <Visual control={control} label={label} value={value} onChange={onChange} />
      ) : (
        <textarea
          {...control}
          rows={6}
          spellCheck={false}
          className="block w-full resize-y bg-transparent px-2.5 py-2 font-mono text-code outline-none"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </div>
  );
}

function Visual({ control, label, value, onChange }: RichTextProps) {
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const [, redraw] = useState(0);
  const latest = useRef(onChange);
  const attributes = useRef({ control, label, value });
  // The editor lives outside React and must always call the newest callback.
  useEffect(() => {
    latest.current = onChange;
  });
  // Creates and destroys the editor together with its element.
  useEffect(() => {
    if (!host.current) return;
    const { control: described, label: name, value: start } = attributes.current;
    const created = new Editor({
      element: host.current,
      extensions,
      content: start,
      injectCSS: false,
      editorProps: {
        attributes: {
          id: described.id,
          role: "textbox",
          "aria-multiline": "true",
          "aria-label": name,
          class: "tiptap prose",
          ...(described["aria-describedby"] ? { "aria-describedby": described["aria-describedby"] } : {}),
        },
      },
      onUpdate: ({ editor: now }) => latest.current(now.isEmpty ? "" : tightLists(now.getHTML())),
      onTransaction: () => redraw((n) => n + 1),
    });
    setEditor(created);
    return () => created.destroy();
  }, []);
  return (
    <>
      <div role="toolbar" aria-label={`Format ${label}`} className="flex flex-wrap gap-0.5 border-b border-line p-1">
        {editor && <Tools editor={editor} />}
      </div>
      <div ref={host} />
    </>
  );
}

function Tools({ editor }: { editor: Editor }) {
  return (
    <>
      <Tool
        label="Bold"
        on={editor.isActive("bold")}
        run={() => editor.chain().focus().toggleBold().run()}
        icon={<Bold size={14} />}
      />
      <Tool
        label="Italic"
        on={editor.isActive("italic")}
        run={() => editor.chain().focus().toggleItalic().run()}
        icon={<Italic size={14} />}
      />
      <Tool
        label="Heading"
        on={editor.isActive("heading")}
        run={() => editor.chain().focus().toggleHeading({ level: 2 }).run()}
        icon={<Heading2 size={14} />}
      />
      <Tool
        label="List"
        on={editor.isActive("bulletList")}
        run={() => editor.chain().focus().toggleBulletList().run()}
        icon={<List size={14} />}
      />
      <Tool
        label="Numbered list"
        on={editor.isActive("orderedList")}
        run={() => editor.chain().focus().toggleOrderedList().run()}
        icon={<ListOrdered size={14} />}
      />
      <Tool
        label="Quote"
        on={editor.isActive("blockquote")}
        run={() => editor.chain().focus().toggleBlockquote().run()}
        icon={<Quote size={14} />}
      />
      <Tool
        label="Code"
        on={editor.isActive("codeBlock")}
        run={() => editor.chain().focus().toggleCodeBlock().run()}
        icon={<Code size={14} />}
      />
      <LinkTool editor={editor} />
      <Tool label="Undo" run={() => editor.chain().focus().undo().run()} icon={<Undo2 size={14} />} />
      <Tool label="Redo" run={() => editor.chain().focus().redo().run()} icon={<Redo2 size={14} />} />
    </>
  );
}

function Tool({ label, on, run, icon }: { label: string; on?: boolean; run: () => void; icon: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={on}
      onClick={run}
      className={cx(
        "flex size-7 items-center justify-center rounded-sm pointer-coarse:size-11",
        on ? "bg-selected text-accent-text" : "text-ink-2 hover:bg-hover",
      )}
    >
      {icon}
    </button>
  );
}
