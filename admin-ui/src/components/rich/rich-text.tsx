import { Editor } from "@tiptap/core";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { toast } from "@/components/toasts";
import type { ControlProps } from "@/ui/field";
import { Segmented } from "@/ui/radio";
import { extensions, readHtml, survives, writeHtml } from "./html";
import { cleanPaste } from "./paste";
import type { OwnPicture } from "./picture-tool";
import { TableTools } from "./table-tools";
import { Tools } from "./tools";

type RichTextProps = {
  control: ControlProps;
  label: string;
  value: string;
  onChange: (html: string) => void;
  /** Files of the record that can be put into the text. */
  pictures: OwnPicture[];
};

export default function RichText({ value, onChange, ...rest }: RichTextProps) {
  const { control, label } = rest;
  const [lossless, setLossless] = useState(() => survives(value));
  const [mode, setMode] = useState(lossless ? "visual" : "source");
  const [seen, setSeen] = useState(value);
  // It was changed elsewhere: taken back, restored, or saved by somebody else.
  if (value !== seen) {
    setSeen(value);
    const kept = survives(value);
    setLossless(kept);
    if (!kept) setMode("source");
  }
  function change(html: string) {
    setSeen(html);
    onChange(html);
  }
  function choose(next: string) {
    // What was written as source meanwhile may be more than the editor knows.
    if (mode === "source") setLossless(survives(value));
    setMode(next);
  }
  return (
    <div className="control !p-0">
      <div className="flex flex-wrap items-center justify-between gap-1 border-b border-line px-1 py-1">
        <Segmented
          label={`How to edit ${label}`}
          value={mode}
          onChange={choose}
          options={[
            { value: "visual", label: "Visual" },
            { value: "source", label: "Source" },
          ]}
        />
        <span role="status">
          {!lossless && mode === "visual" && (
            <span className="px-1 text-sm text-warn">Editing here drops HTML it doesn't know.</span>
          )}
          {!lossless && mode === "source" && (
            <span className="px-1 text-sm text-ink-3">Uses HTML the visual editor can't keep.</span>
          )}
        </span>
      </div>
      {mode === "visual" ? (
        <Visual value={value} onChange={change} {...rest} />
      ) : (
        <textarea
          {...control}
          rows={6}
          spellCheck={false}
          className="block w-full resize-y bg-transparent px-2.5 py-2 font-mono text-code outline-none"
          value={value}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </div>
  );
}

/** Files have no place in a text: they are stored in a field of their own. */
function refuseFiles(event: Event, data: DataTransfer | null): boolean {
  if (!data || data.files.length === 0 || data.types.includes("text/html")) return false;
  event.preventDefault();
  toast("Put the file into a file field and save; then it can be chosen under Picture.");
  return true;
}

/** What is in the editor, as it was given and as the editor would write it. */
type Given = { html: string; written: string };

function Visual({ control, label, value, onChange, pictures }: RichTextProps) {
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const [, redraw] = useState(0);
  const latest = useRef(onChange);
  const attributes = useRef({ control, label, value });
  const given = useRef<Given>({ html: value, written: "" });
  const told = useRef(value);
  // The editor lives outside React and must always call the newest callback.
  useEffect(() => {
    latest.current = onChange;
  });
  // Creates and destroys the editor together with its element.
  useEffect(() => {
    if (!host.current) return;
    const { control: described, label: name } = attributes.current;
    const start = readHtml(told.current);
    given.current = { html: told.current, written: writeHtml(start) };
    const created = new Editor({
      element: host.current,
      extensions,
      content: start.toJSON(),
      injectCSS: false,
      editorProps: {
        transformPastedHTML: cleanPaste,
        handlePaste: (_, event) => refuseFiles(event, event.clipboardData),
        handleDrop: (_, event) => refuseFiles(event, event.dataTransfer),
        attributes: {
          id: described.id,
          role: "textbox",
          "aria-multiline": "true",
          "aria-label": name,
          class: "tiptap prose",
          ...(described["aria-describedby"] ? { "aria-describedby": described["aria-describedby"] } : {}),
        },
      },
      onUpdate: ({ editor: now }) => {
        const html = now.isEmpty ? "" : writeHtml(now.state.doc);
        // Back where it was, it is what was stored, to the letter.
        told.current = html === given.current.written ? given.current.html : html;
        latest.current(told.current);
      },
      onTransaction: () => redraw((n) => n + 1),
    });
    setEditor(created);
    return () => created.destroy();
  }, []);
  // Before anything else can be typed: the editor keeps its text by itself, and follows one that does not come from it.
  useLayoutEffect(() => {
    if (!editor || value === told.current) return;
    const next = readHtml(value);
    told.current = value;
    given.current = { html: value, written: writeHtml(next) };
    editor.commands.setContent(next.toJSON(), { emitUpdate: false });
  }, [editor, value]);
  return (
    <>
      <div role="toolbar" aria-label={`Format ${label}`} className="flex flex-wrap gap-0.5 border-b border-line p-1">
        {editor && <Tools editor={editor} pictures={pictures} />}
      </div>
      <div ref={host} />
      {editor && <TableTools editor={editor} label={label} />}
    </>
  );
}
