import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { launch, shot, signIn, visit } from "../fixtures/browser.ts";
import { seedScreens } from "../fixtures/screens.ts";
import { pb, server, stage } from "../fixtures/stage.ts";

/** The size of text that people set in their browser: all of it is there, in as much room as it needs. */
let recordId: string;
stage(async () => {
  recordId = await seedScreens(pb);
});

test.each([
  [20, 1200],
  [24, 1440],
  [32, 1440],
  [32, 2400],
])("text of %s pixels in a window of %s", async (size, width) => {
  const browser = await launch([`--blink-settings=defaultFontSize=${size}`]);
  const { page, close } = await visit(browser, server, { viewport: { width, height: 900 } });
  await signIn(page, server, "/overview");
  const inside = async (what: Locator) => {
    const box = await what.boundingBox();
    return box !== null && box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= 900;
  };
  const found: Record<string, boolean> = {};
  const see = async (name: string, what: Locator) => {
    await what.waitFor();
    found[name] = await inside(what);
  };
  await see("overview", page.getByRole("heading", { name: "Overview" }));
  await page.goto(`${server.ui}#/collections/products`);
  await see("table", page.getByRole("grid").getByRole("link", { name: "Walnut desk 30" }));
  await see("new record", page.getByRole("button", { name: "New record" }));
  await see("account", page.getByRole("button", { name: /^Account/ }));
  await see("settings", page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }));
  const row = await page.getByRole("row").nth(1).boundingBox();
  expect(row?.height).toBe((36 * size) / 16);
  const column = await page.getByRole("columnheader", { name: "title", exact: true }).boundingBox();
  expect(column?.width).toBeGreaterThanOrEqual((200 * size) / 16);
  const skip = page.getByRole("link", { name: "Skip to content" });
  expect((await skip.boundingBox())?.y).toBeLessThan(-size);
  await shot(page, `text-${size}-${width}`);
  // What is typed into is as high as what is typed.
  for (const name of ["Filter records", "Search collections"]) {
    const box = page.getByRole("combobox", { name }).or(page.getByRole("searchbox", { name }));
    if ((await box.count()) === 0) continue;
    expect(await box.evaluate((node) => node.scrollHeight <= node.clientHeight)).toBe(true);
  }
  await skip.focus();
  await expect.poll(() => inside(skip)).toBe(true);
  await page.goto(`${server.ui}#/collections/products?record=${recordId}`);
  await see("save", page.getByRole("button", { name: "Save", exact: true }));
  await page.goto(`${server.ui}#/logs`);
  await see("logs", page.getByRole("heading", { name: "Logs", exact: true }));
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, true])));
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await close();
  await browser.close();
});
