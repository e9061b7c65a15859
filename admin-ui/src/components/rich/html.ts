import { getSchema, type Extensions } from "@tiptap/core";
import { DOMParser as TreeParser, DOMSerializer, type Node, type Schema } from "@tiptap/pm/model";
import { StarterKit } from "@tiptap/starter-kit";
import { isProgram, normalHtml, tightLists } from "@/lib/html";
import { Box, Embedded, KeptAttributes, keptOf, Wrap } from "./kept";
import { settleNesting } from "./nesting";
import { Picture } from "./picture";
import { Table, TableCell, TableEditing, TableHeader, TableRow } from "./table";

// Links are kept as they are: by itself the editor would make all of them open in a new window.
const link = { openOnClick: false, HTMLAttributes: { target: null, rel: null } };

const tagsOf: Record<string, string[]> = {
  bold: ["strong", "b"],
  italic: ["em", "i"],
  underline: ["u"],
  strike: ["s"],
};

/** Marks come from elements alone: a style stays a style. Code may be bold, as it is in much that was written elsewhere. */
const Kit = StarterKit.extend({
  addExtensions() {
    const all: Extensions = this.parent?.() ?? [];
    return all.map((each) => {
      if (each.name === "code" && each.type === "mark") return each.extend({ excludes: "code" });
      const tags = tagsOf[each.name];
      return tags && each.type === "mark" ? each.extend({ parseHTML: () => tags.map((tag) => ({ tag })) }) : each;
    });
  },
});

export const extensions: Extensions = [
  Kit.configure({ link }),
  KeptAttributes,
  Box,
  Wrap,
  Embedded,
  Picture,
  Table,
  TableRow,
  TableCell,
  TableHeader,
  TableEditing,
];

let made: Schema | null = null;
function schema(): Schema {
  made ??= getSchema(extensions);
  return made;
}

/** Nothing in such a page is run or loaded. */
function inert(html: string): Document {
  return new DOMParser().parseFromString(html, "text/html");
}

export function readHtml(html: string): Node {
  return TreeParser.fromSchema(schema()).parse(inert(html).body);
}

/** What the editor holds, as it is stored. */
export function writeHtml(node: Node): string {
  const page = inert("");
  const { body } = page;
  body.append(DOMSerializer.fromSchema(node.type.schema).serializeFragment(node.content, { document: page }));
  const last = body.lastElementChild;
  if (last?.matches("p[data-bare]:empty") && body.childElementCount > 1) last.remove();
  const bare = [...body.querySelectorAll("p[data-bare]")];
  const loose = bare.filter(isLoose);
  for (const paragraph of bare) paragraph.removeAttribute("data-bare");
  for (const paragraph of loose) paragraph.replaceWith(...paragraph.childNodes);
  for (const table of body.querySelectorAll("table")) settleTable(table);
  for (const box of body.querySelectorAll("[data-box]")) retag(box, box.getAttribute("data-box") ?? "div");
  for (const each of body.querySelectorAll("[data-kept]")) {
    const kept = keptOf(each) ?? {};
    each.removeAttribute("data-kept");
    for (const [name, value] of Object.entries(kept)) each.setAttribute(name, value);
  }
  for (const each of body.querySelectorAll("[data-html]"))
    each.replaceWith(...inert(each.getAttribute("data-html") ?? "").body.childNodes);
  return tightLists([...body.children].map((each) => each.outerHTML).join(""));
}

/** A paragraph that nobody wrote is left out where text may stand by itself and does not run into other text. */
function isLoose(paragraph: Element): boolean {
  const { parentElement: parent, previousElementSibling: before, nextElementSibling: after } = paragraph;
  if (parent === null || before?.matches("p[data-bare]") || after?.matches("p[data-bare]")) return false;
  if (parent.localName !== "body") return parent.matches("td, th, [data-box]");
  return paragraph.hasChildNodes() && [...paragraph.childNodes].every(isEmbedded);
}

function isEmbedded(node: ChildNode): boolean {
  return node instanceof Element && node.hasAttribute("data-html");
}

/** Rows go back into their parts, and widths go when the columns are no longer those they were given to. */
function settleTable(table: Element): void {
  const rows = [...table.querySelectorAll(":scope > tbody > tr")];
  const widest = Math.max(
    0,
    ...rows.slice(0, 1).map((row) => [...row.children].reduce((sum, cell) => sum + spanOf(cell, "colspan"), 0)),
  );
  const parts: Element[] = [];
  let open = "";
  const named = rows.map((row) => row.getAttribute("data-part") ?? "tbody");
  const [headEnd, footStart] = [named.lastIndexOf("thead"), named.indexOf("tfoot")];
  for (const [index, row] of rows.entries()) {
    // A row that was put above the head belongs to it, and so does one below the foot.
    const name = index <= headEnd ? "thead" : footStart >= 0 && index >= footStart ? "tfoot" : "tbody";
    const kept = row.getAttribute("data-part-kept") ?? "";
    if (open !== `${name} ${kept}`) {
      const part = table.ownerDocument.createElement(name);
      if (kept !== "") part.setAttribute("data-kept", kept);
      parts.push(part);
      open = `${name} ${kept}`;
    }
    row.removeAttribute("data-part");
    row.removeAttribute("data-part-kept");
    parts.at(-1)?.append(row);
  }
  const head = inert(`<table>${table.getAttribute("data-head") ?? ""}</table>`).querySelector("table");
  table.removeAttribute("data-head");
  const before = [...(head?.children ?? [])];
  const columns = before.flatMap((part) => [...part.querySelectorAll("col")]);
  const counted = columns.reduce((sum, column) => sum + spanOf(column, "span"), 0);
  const kept = before.filter((part) => part.localName !== "colgroup" || counted === 0 || counted === widest);
  table.replaceChildren(...kept, ...parts);
}

function spanOf(element: Element, name: string): number {
  return Math.max(1, Number(element.getAttribute(name) ?? 1) || 1);
}

function retag(element: Element, tag: string): void {
  element.removeAttribute("data-box");
  if (element.localName === tag) return;
  const other = element.ownerDocument.createElement(tag);
  for (const { name, value } of element.attributes) other.setAttribute(name, value);
  other.replaceChildren(...element.childNodes);
  element.replaceWith(other);
}

/** As a browser writes it: one spelling for every entity and quote, and for marks that are nested in another order. */
function spelledOut(html: string): string {
  return new XMLSerializer().serializeToString(settleNesting(inert(html).body));
}

/** Whether the editor gives this text back as it is; if not, it is better edited as its source. */
export function survives(html: string): boolean {
  if (!/[<&]/.test(html)) return true;
  // Programs are lost in any case, and are not even read.
  if (isProgram(html)) return false;
  // Where spaces count, the editor and the comparison would both be too generous with them.
  if (/white-space\s*:\s*(pre|break)/i.test(html)) return false;
  return normalHtml(spelledOut(writeHtml(readHtml(html)))) === normalHtml(spelledOut(html));
}
