import { Node } from "@tiptap/core";
import { keptAttribute } from "./kept";

/** Whether the page may load it: nothing is ever asked of other sites. */
function isOwn(src: string): boolean {
  if (/^(data:image\/|blob:)/i.test(src)) return true;
  try {
    return new URL(src, window.location.href).origin === window.location.origin;
  } catch {
    return false;
  }
}

/** Pictures of this site are shown; of others only what they are. */
export const Picture = Node.create({
  name: "image",
  group: "inline",
  inline: true,
  draggable: true,
  addAttributes: () => ({
    src: { default: null },
    alt: { default: null },
    title: { default: null },
    kept: keptAttribute,
  }),
  parseHTML: () => [{ tag: "img[src]" }],
  renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
  addNodeView:
    () =>
    ({ node }) => {
      const src = String(node.attrs["src"] ?? "");
      const alt = String(node.attrs["alt"] ?? "");
      const dom = document.createElement("span");
      const told = () => {
        dom.className = "embedded";
        dom.replaceChildren(alt === "" ? src.slice(0, 120) : `${alt} (${src.slice(0, 120)})`);
        dom.setAttribute("role", "img");
        dom.setAttribute("aria-label", alt === "" ? "Picture without a description" : alt);
      };
      dom.title = src.slice(0, 500);
      if (isOwn(src)) {
        const image = document.createElement("img");
        image.alt = alt;
        image.addEventListener("error", told);
        image.src = src;
        dom.append(image);
      } else told();
      return { dom };
    },
});
