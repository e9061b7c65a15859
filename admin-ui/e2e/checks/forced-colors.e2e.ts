import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { shot } from "../fixtures/browser.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

/** A system with colours of its own, such as Windows' contrast themes, leaves no fill and no shadow of the page. */
stage(async () => {
  await pb.collections.create({ name: "shelves", type: "base", fields: [{ name: "title", type: "text" }] });
  await pb.collection("shelves").create({ title: "Oak" });
});

/** Whether it has the colour the system gives to what is chosen. */
function stands(what: Locator): Promise<boolean> {
  return what.evaluate((node) => {
    const probe = document.createElement("i");
    probe.style.cssText = "forced-color-adjust: none; background: Highlight";
    document.body.append(probe);
    const highlight = getComputedStyle(probe).backgroundColor;
    probe.remove();
    return getComputedStyle(node).backgroundColor === highlight;
  });
}

function surface(what: Locator): Promise<string> {
  return what.evaluate((node) => getComputedStyle(node).backgroundColor);
}

test.each(["light", "dark"] as const)(
  "what is chosen, current, on or afloat is seen in forced colours, %s",
  async (colorScheme) => {
    const { page, close } = await openUi("/collections/shelves?tab=rules", { forcedColors: "active", colorScheme });
    const who = page.getByRole("radiogroup", { name: "Who may: list" });
    await who.waitFor();
    expect(await stands(who.getByRole("radio", { checked: true }))).toBe(true);
    expect(await stands(who.getByRole("radio", { checked: false }).first())).toBe(false);
    const rail = page.getByRole("navigation", { name: "Main" });
    expect(await stands(rail.getByRole("link", { name: "Data" }))).toBe(true);
    expect(await stands(rail.getByRole("link", { name: "Logs" }))).toBe(false);
    await shot(page, `forced-rules-${colorScheme}`);

    // The tab that is chosen looks different with the focus.
    const tab = page.getByRole("tab", { name: "Rules" });
    const outline = () => tab.evaluate((node) => getComputedStyle(node).outlineWidth);
    const before = await outline();
    await page.keyboard.press("Tab");
    await tab.focus();
    expect(await outline()).not.toBe(before);

    await page.goto(`${server.ui}#/collections/shelves`);
    const live = page.getByRole("switch", { name: "Live updates" });
    await page.getByRole("link", { name: "Oak" }).waitFor();
    const knob = live.locator("span");
    expect(await surface(knob)).not.toBe(await surface(live));
    expect(await stands(live)).toBe(true);
    await live.click();
    await page.getByRole("switch", { name: "Live updates", checked: false }).waitFor();
    expect(await surface(knob)).not.toBe(await surface(live));
    expect(await stands(live)).toBe(false);

    await page.getByRole("button", { name: "Import and export" }).focus();
    await page.keyboard.press("ArrowDown");
    const menu = page.getByRole("menu");
    const [first, second] = [menu.getByRole("menuitem").first(), menu.getByRole("menuitem").nth(1)];
    await expect.poll(() => first.getAttribute("data-highlighted")).not.toBeNull();
    expect([await stands(first), await stands(second)]).toEqual([true, false]);
    expect(await menu.evaluate((node) => getComputedStyle(node).borderTopWidth)).toBe("1px");
    await shot(page, `forced-menu-${colorScheme}`);
    await close();
  },
);
