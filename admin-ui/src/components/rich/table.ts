import { Extension, Node, type Attribute, type Editor } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";
import { goToNextCell, isInTable, tableEditing } from "@tiptap/pm/tables";
import { keptAttribute, keptOf } from "./kept";

const roles: Record<string, string> = {
  table: "table",
  tableRow: "row",
  tableCell: "cell",
  tableHeader: "header_cell",
};

/** What is in a table beside its rows: written again as it was. */
function headOf(element: Element): string {
  const stored = element.getAttribute("data-head");
  if (stored !== null) return stored;
  const parts = [...element.children].filter((part) => part.localName === "caption" || part.localName === "colgroup");
  return parts.map((part) => part.outerHTML).join("");
}

export const Table = Node.create({
  name: "table",
  group: "block",
  content: "tableRow+",
  isolating: true,
  addAttributes: () => ({
    kept: keptAttribute,
    head: {
      default: "",
      parseHTML: headOf,
      renderHTML: (attributes) => (attributes["head"] === "" ? {} : { "data-head": String(attributes["head"]) }),
    },
  }),
  parseHTML: () => [{ tag: "table" }, { tag: "caption", ignore: true }, { tag: "colgroup", ignore: true }],
  renderHTML: ({ HTMLAttributes }) => ["table", HTMLAttributes, ["tbody", 0]],
});

/** A row knows the part of the table that it is in, for the table itself has only rows. */
export const TableRow = Node.create({
  name: "tableRow",
  content: "(tableCell | tableHeader)*",
  addAttributes: () => ({
    kept: keptAttribute,
    part: {
      default: "tbody",
      parseHTML: (element) => element.getAttribute("data-part") ?? element.parentElement?.localName ?? "tbody",
      renderHTML: (attributes) => ({ "data-part": String(attributes["part"]) }),
    },
    partKept: {
      default: "",
      parseHTML: (element) => {
        const copied = element.getAttribute("data-part-kept");
        if (copied !== null) return copied;
        const kept = element.parentElement ? keptOf(element.parentElement) : null;
        return kept === null || element.parentElement?.localName === "table" ? "" : JSON.stringify(kept);
      },
      renderHTML: (attributes) =>
        attributes["partKept"] === "" ? {} : { "data-part-kept": String(attributes["partKept"]) },
    },
  }),
  parseHTML: () => [{ tag: "tr" }],
  renderHTML: ({ HTMLAttributes }) => ["tr", HTMLAttributes, 0],
});

function span(name: string): Attribute {
  return {
    default: 1,
    parseHTML: (element) => Math.min(1000, Math.max(1, Number.parseInt(element.getAttribute(name) ?? "1", 10) || 1)),
    renderHTML: (attributes) => (attributes[name] === 1 ? {} : { [name]: String(attributes[name]) }),
  };
}

function cell(name: string, tag: string) {
  return Node.create({
    name,
    content: "block+",
    isolating: true,
    addAttributes: () => ({
      kept: keptAttribute,
      colspan: span("colspan"),
      rowspan: span("rowspan"),
      colwidth: { default: null, rendered: false, parseHTML: () => null },
    }),
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
  });
}
export const TableCell = cell("tableCell", "td");
export const TableHeader = cell("tableHeader", "th");

function toCell(editor: Editor, direction: 1 | -1): boolean {
  return isInTable(editor.state) && goToNextCell(direction)(editor.state, editor.view.dispatch);
}

export const TableEditing = Extension.create({
  name: "tableEditing",
  extendNodeSchema: ({ name }: { name: string }) => (roles[name] === undefined ? {} : { tableRole: roles[name] }),
  // From the last cell Tab leads on, as from everywhere else.
  addKeyboardShortcuts: () => ({
    Tab: ({ editor }) => toCell(editor, 1),
    "Shift-Tab": ({ editor }) => toCell(editor, -1),
  }),
  addProseMirrorPlugins: () => [tableEditing()],
});

const emptyRow = (type: string, part: string) => ({
  type: "tableRow",
  attrs: { part },
  content: [1, 2, 3].map(() => ({ type, content: [{ type: "paragraph" }] })),
});

/** Three by three with a head, and the caret in the first cell. */
export function insertTable(editor: Editor): void {
  const content = [emptyRow("tableHeader", "thead"), emptyRow("tableCell", "tbody"), emptyRow("tableCell", "tbody")];
  const { from } = editor.state.selection;
  editor
    .chain()
    .focus()
    .insertContent({ type: "table", content })
    .command(({ tr }) => {
      let at: number | null = null;
      tr.doc.descendants((node, position) => {
        if (at === null && node.type.name === "table" && position >= from - 1) at = position;
        return at === null;
      });
      if (at !== null) tr.setSelection(TextSelection.near(tr.doc.resolve(at + 1)));
      return true;
    })
    .run();
}
