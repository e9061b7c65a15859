/** Marks that look the same in whatever order they are around a text, and in one piece or several. */
const simple = ["strong", "em", "s", "u"];

/** Whether a mark may change places with an element inside it. Lines through a text take the colour of where they are drawn. */
function mayEnter(mark: string, element: Element): boolean {
  if (mark === "s" || mark === "u") return false;
  return !/font/i.test(element.getAttribute("style") ?? "") && !element.hasAttribute("class");
}

function simpleName(element: Element): string | null {
  const name = { b: "strong", i: "em" }[element.localName] ?? element.localName;
  return simple.includes(name) && element.attributes.length === 0 ? name : null;
}

function wrapped(node: Node, marks: string[], page: Document): Node {
  return marks.reduceRight((inner, mark) => {
    const outer = page.createElement(mark);
    outer.append(inner);
    return outer;
  }, node);
}

const blocks = "p, h1, h2, h3, h4, h5, h6, ul, ol, li, table, blockquote, pre, div, hr";

/** Puts the simple marks around each piece of text by itself, in one order. */
function settled(node: Node, marks: string[], page: Document): Node[] {
  const ordered = simple.filter((mark) => marks.includes(mark));
  if (!(node instanceof Element)) return [wrapped(node.cloneNode(true), ordered, page)];
  if (node.localName === "br") return [node.cloneNode(true)];
  const own = simpleName(node);
  if (own !== null && !marks.includes(own) && node.querySelector(blocks) === null)
    return [...node.childNodes].flatMap((child) => settled(child, [...marks, own], page));
  const inside = node.hasChildNodes() ? ordered.filter((mark) => mayEnter(mark, node)) : [];
  const copy = node.cloneNode(false);
  for (const child of node.childNodes) for (const each of settled(child, inside, page)) copy.appendChild(each);
  return [
    wrapped(
      copy,
      ordered.filter((mark) => !inside.includes(mark)),
      page,
    ),
  ];
}

/** Neighbours in the same mark are one. */
function join(parent: Node): void {
  // Some are removed on the way.
  const children = [...parent.childNodes];
  for (const child of children) {
    const before = child.previousSibling;
    if (child instanceof Element && before instanceof Element) {
      const name = simpleName(child);
      if (name !== null && name === simpleName(before)) {
        before.append(...child.childNodes);
        child.remove();
      }
    }
  }
  parent.normalize();
  for (const child of parent.childNodes) join(child);
}

/** One spelling for all nestings of marks that look the same; of what is shown nothing changes. */
export function settleNesting(body: HTMLElement): HTMLElement {
  const copy = body.ownerDocument.createElement("body");
  for (const child of body.childNodes) copy.append(...settled(child, [], body.ownerDocument));
  join(copy);
  return copy;
}
