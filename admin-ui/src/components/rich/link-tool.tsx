import type { Editor } from "@tiptap/core";
import { Link } from "lucide-react";
import { useState } from "react";
import { safeHref } from "@/lib/html";
import { Button, IconButton } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Float } from "@/ui/popover";

/** Makes what is selected a link, or changes the one at the caret. Without a selection the address is its own text. */
export function LinkTool({ editor }: { editor: Editor }) {
  const [open, setOpen] = useState(false);
  const [href, setHref] = useState("");
  const [wrong, setWrong] = useState(false);
  const on = editor.isActive("link");
  function show(next: boolean) {
    const { href: now }: Record<string, unknown> = editor.getAttributes("link");
    setHref(typeof now === "string" ? now : "");
    setWrong(false);
    setOpen(next);
  }
  function apply() {
    const text = href.trim();
    if (text === "") return;
    const target = safeHref(text) ?? text;
    const mark = { type: "link", attrs: { href: target } };
    const chain = editor.chain();
    const done =
      !on && editor.state.selection.empty
        ? safeHref(text) !== null && chain.insertContent({ type: "text", text, marks: [mark] }).run()
        : chain.extendMarkRange("link").setLink({ href: target }).run();
    if (done) setOpen(false);
    else setWrong(true);
  }
  return (
    <Float
      label="Link"
      className="w-72 space-y-3 p-3"
      open={open}
      onOpenChange={show}
      trigger={
        <IconButton label="Link" small aria-pressed={on} className="!size-7">
          <Link size={14} />
        </IconButton>
      }
    >
      <FieldBox label="Address" error={wrong ? "No address that a link may have." : undefined}>
        {(control) => (
          <input
            {...control}
            data-start
            className="control"
            placeholder="https://example.com"
            autoComplete="off"
            spellCheck={false}
            value={href}
            onChange={(event) => setHref(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              // The form around it is not meant.
              event.preventDefault();
              event.stopPropagation();
              apply();
            }}
          />
        )}
      </FieldBox>
      <div className="flex justify-end gap-2">
        {on && (
          <Button
            tone="ghost"
            onClick={() => {
              editor.chain().extendMarkRange("link").unsetLink().run();
              setOpen(false);
            }}
          >
            Remove link
          </Button>
        )}
        <Button tone="primary" blocked={href.trim() === "" ? "Enter an address" : null} onClick={apply}>
          Set link
        </Button>
      </div>
    </Float>
  );
}
