import { Extension, Mark, Node, type Attribute } from "@tiptap/core";
import { isProgram } from "@/lib/html";

/** Attributes by name. */
type Kept = Record<string, string>;

/** What the editor itself knows of an element; everything else is only carried along. */
const known: Record<string, string[]> = {
  a: ["href", "target", "rel", "class", "title"],
  img: ["src", "alt", "title"],
  ol: ["start", "type"],
  td: ["colspan", "rowspan"],
  th: ["colspan", "rowspan"],
};

/** Attributes that the editor knows nothing of. A copy made in the editor has them together in one. */
export function keptOf(element: Element): Kept | null {
  const all = [...element.attributes].map(({ name, value }): [string, string] => [name, value]);
  const together = element.getAttribute("data-kept");
  const own = together === null ? all : readKept(together);
  const kept = own.filter(
    ([name]) => !known[element.localName]?.includes(name) && !/^(on|data-(kept|bare|box|part|head|html))/.test(name),
  );
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

function readKept(text: string): [string, string][] {
  try {
    const read: unknown = JSON.parse(text);
    return Object.entries(read ?? {}).flatMap(([name, value]): [string, string][] =>
      typeof value === "string" ? [[name, value]] : [],
    );
  } catch {
    return [];
  }
}

/**
 * On the page only its style takes effect, within the bounds of the editor: identifiers and classes could be those of the page
 * around it.
 */
export function keptAttributes(kept: unknown): Kept {
  if (typeof kept !== "object" || kept === null || Object.keys(kept).length === 0) return {};
  const { style, dir }: Kept = Object.fromEntries(readKept(JSON.stringify(kept)));
  return {
    "data-kept": JSON.stringify(kept),
    ...(style === undefined ? {} : { style }),
    ...(dir === undefined ? {} : { dir }),
  };
}

export const keptAttribute: Attribute = {
  default: null,
  parseHTML: keptOf,
  renderHTML: (attributes) => keptAttributes(attributes["kept"]),
};

const ofTheKit = ["heading", "bulletList", "orderedList", "listItem", "blockquote", "codeBlock", "horizontalRule"];
const marks = ["hardBreak", "bold", "italic", "strike", "underline", "code", "link"];

/** Paragraphs that are only there because the editor needs one, such as in a cell that holds nothing but text. */
const bare: Attribute = {
  default: true,
  parseHTML: (element) => element.hasAttribute("data-bare"),
  renderHTML: (attributes) => (attributes["bare"] === true ? { "data-bare": "" } : {}),
};

export const KeptAttributes = Extension.create({
  name: "keptAttributes",
  addGlobalAttributes: () => [
    { types: [...ofTheKit, ...marks], attributes: { kept: keptAttribute } },
    { types: ["paragraph"], attributes: { kept: keptAttribute, bare } },
  ],
});

const boxes =
  "div section article aside header footer main nav figure figcaption details summary center address dl dt dd".split(
    " ",
  );

/** Elements around blocks, which the editor shows as nothing but their content. */
export const Box = Node.create({
  name: "box",
  group: "block",
  content: "block+",
  defining: true,
  addAttributes: () => ({
    kept: keptAttribute,
    tag: {
      default: "div",
      parseHTML: (element) => {
        const copied = element.getAttribute("data-box");
        return copied !== null && boxes.includes(copied) ? copied : element.localName;
      },
      renderHTML: (attributes) => ({ "data-box": attributes["tag"] }),
    },
  }),
  parseHTML: () => boxes.map((tag) => ({ tag })),
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes, 0],
});

const inlines =
  "span sub sup mark small abbr cite q kbd var samp ins del strike big tt font time dfn bdi bdo data".split(" ");

/** Elements around text which have no tool of their own. */
export const Wrap = Mark.create({
  name: "wrap",
  priority: 200,
  // One may be in another.
  excludes: "",
  inclusive: true,
  addAttributes: () => ({
    kept: keptAttribute,
    tag: { default: "span", parseHTML: (element) => element.localName, renderHTML: () => ({}) },
  }),
  parseHTML: () => inlines.map((tag) => ({ tag, priority: 60 })),
  renderHTML: ({ mark, HTMLAttributes }) => [String(mark.attrs["tag"]), HTMLAttributes, 0],
});

const embedded = "iframe video audio object embed svg picture form map canvas math style".split(" ");

/** Programs are not carried along, wherever they come from. */
function asWritten(html: string): false | { html: string } {
  return isProgram(html) ? false : { html };
}

/** What the editor can't show stays as it was written, and is neither loaded nor run here. */
export const Embedded = Node.create({
  name: "embedded",
  group: "inline",
  inline: true,
  atom: true,
  draggable: true,
  addAttributes: () => ({ html: { default: "", rendered: false } }),
  parseHTML: () => [
    ...embedded.map((tag) => ({ tag, getAttrs: (element: HTMLElement) => asWritten(element.outerHTML) })),
    {
      tag: "span[data-html]",
      priority: 70,
      getAttrs: (element: HTMLElement) => asWritten(element.getAttribute("data-html") ?? ""),
    },
  ],
  renderHTML: ({ node }) => ["span", { "data-html": String(node.attrs["html"]) }],
  addNodeView:
    () =>
    ({ node }) => {
      const dom = document.createElement("span");
      const html = String(node.attrs["html"]);
      dom.className = "embedded";
      dom.textContent = `<${/^<(\w+)/.exec(html)?.[1] ?? "?"}>`;
      dom.title = html.slice(0, 500);
      return { dom };
    },
});
