import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { shot } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { screensOf, seedScreens } from "../fixtures/screens.ts";
import { looks } from "../fixtures/server.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

/** Other languages are longer, and some run the other way: nothing is cut off, nothing pushes the page sideways. */
let recordId = "";
stage(async () => {
  recordId = await seedScreens(pb);
});

const sizes: [string, BrowserContextOptions][] = [
  ["wide", {}],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
];

/** Every word of the interface two fifths longer, and the page from right to left. Values of records stay what they are. */
async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.documentElement.dir = "rtl";
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) if (node instanceof Text) texts.push(node);
    for (const text of texts) {
      const words = text.data.trim();
      const own = text.parentElement?.closest(
        "[role=gridcell], pre, code, textarea, script, style, td, dd, option, kbd",
      );
      if (words.length < 2 || own || /^[\d\W]+$/.test(words)) continue;
      const longer = "ăêîöü".repeat(20).slice(0, Math.ceil(words.length * 0.4));
      text.data = text.data.replace(words, words + longer);
    }
  });
}

/** What holds words and hides a part of them without saying so. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const node of document.querySelectorAll<HTMLElement>(
      "button, a, label, h1, h2, h3, legend, [role=tab], th, p",
    )) {
      const style = getComputedStyle(node);
      if (node.offsetParent === null || node.closest(".sr-only, [role=grid], [aria-hidden=true]")) continue;
      // An ellipsis is a sign that there is more, and the tooltip or the page itself has it.
      const marked = [node, ...node.querySelectorAll("*")].some(
        (one) => getComputedStyle(one).textOverflow === "ellipsis",
      );
      const hides = style.overflowX === "hidden" || style.overflowX === "clip";
      if (!marked && hides && node.scrollWidth > node.clientWidth + 1)
        found.push(`cut: ${node.textContent.slice(0, 60)}`);
      const box = node.getBoundingClientRect();
      const scrolls = node.closest("[tabindex='0'], .overflow-x-auto, .overflow-auto, [role=tablist]") !== null;
      if (!scrolls && box.width > 0 && (box.left < -1 || box.right > window.innerWidth + 1))
        found.push(`outside: ${node.tagName} ${node.textContent.slice(0, 60)}`);
    }
    return found;
  });
}

describe.each(looks(sizes, sizes.slice(1)))("%s", (size, options) => {
  test(
    "longer words from right to left",
    async () => {
      const { page, close } = await openUi(undefined, options);
      const trouble: string[] = [];
      for (const screen of screensOf(() => recordId)) {
        // Changed words are the page's own only once it is loaded anew.
        await page.goto("about:blank");
        await page.goto(`${server.ui}#${screen.hash()}`);
        await screen.ready(page);
        await translate(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (overflow > 0) trouble.push(`${screen.name} scrolls sideways by ${overflow}`);
        for (const problem of await cutOff(page)) trouble.push(`${screen.name} ${problem}`);
        await shot(page, `words-${screen.name}-${size}`);
      }
      expect(trouble).toEqual([]);
      await close();
    },
    patience(180_000),
  );
});
