import { isNodeSelection, type Editor } from "@tiptap/core";
import { Image } from "lucide-react";
import { useState } from "react";
import { cx } from "@/lib/cx";
import { safeSrc } from "@/lib/html";
import { Button, IconButton } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Float } from "@/ui/popover";

/** A file of the record that is a picture: its address for the text, and that of a small one to choose it by. */
export type OwnPicture = { name: string; src: string; thumb: string };

type Chosen = { src: string; alt: string };

function pictureAt({ state }: Editor): Chosen | null {
  const { selection } = state;
  if (!isNodeSelection(selection) || selection.node.type.name !== "image") return null;
  const { src, alt }: Record<string, unknown> = selection.node.attrs;
  return { src: typeof src === "string" ? src : "", alt: typeof alt === "string" ? alt : "" };
}

/** Puts a picture at the caret, or changes the one that is selected. */
export function PictureTool({ editor, pictures }: { editor: Editor; pictures: OwnPicture[] }) {
  const [open, setOpen] = useState(false);
  const [{ src, alt }, setChosen] = useState<Chosen>({ src: "", alt: "" });
  const [wrong, setWrong] = useState(false);
  const selected = pictureAt(editor);
  function show(next: boolean) {
    setChosen(selected ?? { src: "", alt: "" });
    setWrong(false);
    setOpen(next);
  }
  function apply() {
    const address = safeSrc(src.trim());
    setWrong(address === null);
    if (address === null) return;
    const attrs = { src: address, alt: alt.trim() };
    const chain = editor.chain();
    if (selected) chain.updateAttributes("image", attrs).run();
    else chain.insertContent({ type: "image", attrs }).run();
    setOpen(false);
  }
  return (
    <Float
      label="Picture"
      className="w-72 space-y-3 p-3"
      open={open}
      onOpenChange={show}
      trigger={
        <IconButton label="Picture" small aria-pressed={selected !== null} className="!size-7">
          <Image size={14} />
        </IconButton>
      }
    >
      <form
        className="space-y-3"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          // The form around it is not meant.
          event.stopPropagation();
          apply();
        }}
      >
        <FieldBox label="Address" error={wrong ? "No address that a picture may have." : undefined}>
          {(control) => (
            <input
              {...control}
              data-start
              className="control"
              placeholder="https://example.com/picture.png"
              autoComplete="off"
              spellCheck={false}
              value={src}
              onChange={(event) => setChosen({ src: event.target.value, alt })}
            />
          )}
        </FieldBox>
        {pictures.length > 0 && (
          <div role="group" aria-label="Files of this record" className="flex flex-wrap gap-1.5">
            {pictures.map((picture) => (
              <button
                key={picture.src}
                type="button"
                title={picture.name}
                aria-label={picture.name}
                aria-pressed={picture.src === src}
                onClick={() => setChosen({ src: picture.src, alt })}
                className={cx(
                  "rounded-sm border p-0.5",
                  picture.src === src ? "border-accent" : "border-line hover:bg-hover",
                )}
              >
                <img src={picture.thumb} alt="" loading="lazy" className="size-11 object-cover" />
              </button>
            ))}
          </div>
        )}
        <FieldBox label="Description" help="For who can't see it.">
          {(control) => (
            <input
              {...control}
              className="control"
              autoComplete="off"
              value={alt}
              onChange={(event) => setChosen({ src, alt: event.target.value })}
            />
          )}
        </FieldBox>
        <div className="flex justify-end gap-2">
          <Button type="submit" tone="primary" blocked={src.trim() === "" ? "Enter an address" : null}>
            {selected ? "Change picture" : "Insert picture"}
          </Button>
        </div>
      </form>
    </Float>
  );
}
