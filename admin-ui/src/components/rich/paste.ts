/** Of what is pasted from elsewhere only this much is taken: the looks of other programs are not those of the text around it. */
const taken = new Set(["href", "src", "alt", "title", "colspan", "rowspan", "start"]);
const dropped =
  "script, style, meta, link, title, iframe, object, embed, form, svg, math, video, audio, canvas, colgroup, caption";

/** HTML from the clipboard without classes, fonts and colours; bold, italic and the like stay, however they were written. */
export function cleanPaste(html: string): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  const { body } = page;
  // It comes from an editor like this one.
  if (body.querySelector("[data-pm-slice]") !== null) return html;
  for (const each of body.querySelectorAll(dropped)) each.remove();
  const plain: Element[] = [];
  for (const each of body.querySelectorAll<HTMLElement>("*")) {
    const marks = marksOf(each);
    // One program writes so around everything.
    if (/^(normal|400)$/.test(each.style.fontWeight) && each.localName === "b") plain.push(each);
    for (const name of each.getAttributeNames()) if (!taken.has(name)) each.removeAttribute(name);
    if (marks.length > 0 && each.childNodes.length > 0) {
      const inner = page.createDocumentFragment();
      inner.append(...each.childNodes);
      let around: Node = inner;
      for (const mark of marks) {
        const element = page.createElement(mark);
        element.append(around);
        around = element;
      }
      each.append(around);
    }
  }
  for (const each of body.querySelectorAll("span, font, div, section, article, main"))
    if (each.localName !== "div" || each.parentElement?.closest("td, th, li, p")) each.replaceWith(...each.childNodes);
  for (const each of plain) each.replaceWith(...each.childNodes);
  return body.outerHTML;
}

function marksOf({ localName, style }: HTMLElement): string[] {
  const { fontWeight, fontStyle, textDecorationLine } = style;
  const inline = /^(span|font|b|i|a|u)$/.test(localName);
  if (!inline) return [];
  return [
    ...(/^(bold|bolder|[6-9]00)$/.test(fontWeight) && localName !== "b" ? ["strong"] : []),
    ...(fontStyle === "italic" && localName !== "i" ? ["em"] : []),
    ...(textDecorationLine.includes("underline") && !/^[au]$/.test(localName) ? ["u"] : []),
    ...(textDecorationLine.includes("line-through") ? ["s"] : []),
  ];
}
