/** The readable part of a piece of HTML, for table cells. The result is only ever used as text, never as markup. */
export function htmlToText(html: string): string {
  return html
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, "")
    .replace(/<\/(p|div|li|h\d|br)>|<br\s*\/?>/gi, " ")
    .replace(/<[^>]*>/g, "")
    .replace(/&nbsp;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();
}

/** Two pieces of HTML that differ only in spaces, self-closing slashes or the order of attributes are the same text to a writer. */
export function normalHtml(html: string): string {
  return tightLists(html)
    .replace(/<(\/?)b(?=[\s>])/g, "<$1strong")
    .replace(/<(\/?)i(?=[\s>])/g, "<$1em")
    .replace(/<(\w+)((?:\s+[\w-]+="[^"]*")+)/g, (_, tag: string, attributes: string) => {
      const each = attributes.match(/[\w-]+="[^"]*"/g) ?? [];
      return `<${[tag, ...each.toSorted()].join(" ")}`;
    })
    .replace(/\s*\/>/g, ">")
    .replace(/>\s+</g, "><")
    .replace(/\s+/g, " ")
    .replace(/&nbsp;/g, " ")
    .replace(/(<(?:p|h[1-6]|li|td|th|div)\b[^>]*>) /g, "$1")
    .replace(/ (?=<\/(?:p|h[1-6]|li|td|th|div)>)/g, "")
    .trim();
}

/** List items of a single paragraph are written without it, as most HTML is. */
export function tightLists(html: string): string {
  return html.replace(
    /<li((?:\s[^>]*)?)>\s*<p>((?:(?!<\/?(?:p|ul|ol|li)\b)[\s\S])*)<\/p>\s*(?=<\/li>|<[uo]l\b)/g,
    "<li$1>$2",
  );
}

/** What would do something by itself wherever it is shown. */
export function isProgram(html: string): boolean {
  return /<script\b|\son\w+\s*=/i.test(html);
}

/** Only web and mail addresses may become links. */
export function safeHref(url: string): string | null {
  return /^(https?:|mailto:|ftp:)/i.test(url) ? url : /^[\w-]+(\.[\w-]+)+/.test(url) ? `https://${url}` : null;
}

/** What a picture may be loaded from: the web, the site itself, or the text. */
export function safeSrc(url: string): string | null {
  if (/^(https?:\/\/|\/|data:image\/)/i.test(url)) return url;
  return /^[\w-]+(\.[\w-]+)+\//.test(url) ? `https://${url}` : null;
}
