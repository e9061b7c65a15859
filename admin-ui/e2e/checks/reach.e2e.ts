import { expect, test } from "vitest";
import { seedCategories } from "../fixtures/api.ts";
import { shot } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

/** Everything can be reached: once the server is back, and with the text four times as large. */
stage(seedCategories);

test("screens that went without a server come back with it by themselves", async () => {
  const { page, close } = await openUi();
  const asked = patience(40_000);
  await page.goto(`${server.ui}#/logs`);
  await page.getByRole("heading", { name: "Logs" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Logs" }).waitFor();
  await server.halt();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Data" }).click();
  await page.getByRole("treeitem", { name: "categories" }).click();
  await page.getByRole("heading", { name: "The records of categories can't be shown" }).waitFor({ timeout: asked });
  await server.resume();
  await page.getByRole("grid").getByRole("link", { name: "Lamps" }).waitFor({ timeout: asked });
  // Its program may not be there either.
  await page.context().setOffline(true);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "SQL" }).click();
  await page.getByRole("alert").getByText("This part could not be loaded").waitFor({ timeout: asked });
  await page.context().setOffline(false);
  await page.getByRole("heading", { name: "SQL" }).first().waitFor({ timeout: asked });
  await close();
});

test("a server that is down is not one that has no hooks", async () => {
  const { page, close } = await openUi();
  await page.route("**/api/stead/**", (route) => route.abort());
  await page.goto(`${server.ui}#/hooks`);
  await page.getByText("The server can't be reached.").first().waitFor();
  expect(await page.getByText("This server does not offer it").count()).toBe(0);
  await close();
});

test("rows and log entries can be reached at 400 %", async () => {
  const { page, close } = await openUi("/collections/categories", { viewport: { width: 320, height: 256 } });
  const row = page.getByRole("link", { name: "Lamps" });
  await row.waitFor();
  await row.scrollIntoViewIfNeeded();
  await shot(page, "rows-at-400");
  await expect
    .poll(() =>
      row.evaluate((node) => {
        const { left, top, height } = node.getBoundingClientRect();
        return node.contains(document.elementFromPoint(left + 4, top + height / 2));
      }),
    )
    .toBe(true);
  // Every tab is within the window.
  for (const tab of await page.getByRole("tab").all()) {
    const box = await tab.boundingBox();
    expect((box?.x ?? 999) + (box?.width ?? 999)).toBeLessThanOrEqual(320);
  }
  await page.goto(`${server.ui}#/logs`);
  const footer = page.getByRole("contentinfo", { name: "Log status" });
  await footer.scrollIntoViewIfNeeded();
  const list = page.getByRole("grid", { name: "Log entries" }).or(page.getByText("No entries", { exact: true }));
  await expect.poll(async () => (await list.boundingBox())?.height ?? 0).toBeGreaterThan(20);
  await close();
});

test("every page has one first heading, also one that is none, and no level is left out", async () => {
  const { page, close } = await openUi();
  for (const hash of ["/no/such/page", "/collections/nothing", "/collections/categories?tab=rules"]) {
    await page.goto(`${server.ui}#${hash}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    if (hash.endsWith("rules")) await page.getByRole("heading", { name: "List" }).waitFor();
    const levels = await page
      .locator("h1, h2, h3, h4")
      .evaluateAll((nodes) => nodes.map((node) => Number(node.tagName.slice(1))));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [index, level] of levels.entries())
      expect(level - (levels[index - 1] ?? 0), hash).toBeLessThanOrEqual(1);
  }
  await close();
});

test("a page is printed to its end, without what leads elsewhere", async () => {
  const fields = Array.from({ length: 60 }, (_, n) => ({ name: `field_${n}`, type: "text" }));
  await pb.collections.create({ name: "wide", type: "base", fields });
  const { page, close } = await openUi("/collections/wide?tab=schema");
  await page.getByRole("group", { name: "field_59", exact: true }).waitFor();
  await page.emulateMedia({ media: "print" });
  await page.getByRole("navigation", { name: "Main" }).waitFor({ state: "hidden" });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const end = await page
    .getByRole("button", { name: "Add field" })
    .evaluate((node) => node.getBoundingClientRect().bottom);
  expect(end).toBeGreaterThan(900);
  expect(height).toBeGreaterThanOrEqual(Math.floor(end));
  await close();
});

test("what is said stays for as long as somebody is at it", async () => {
  const { page, close } = await openUi("/settings/application");
  await page.clock.install();
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("Said");
  await page.keyboard.press("Control+s");
  const said = page.getByRole("status").getByText("Settings saved");
  await said.waitFor();
  await page.getByRole("button", { name: "Dismiss" }).focus();
  await page.clock.runFor(60_000);
  expect(await said.count()).toBe(1);
  await said.hover();
  await name.focus();
  await page.clock.runFor(60_000);
  expect(await said.count()).toBe(1);
  await page.getByRole("heading", { level: 1 }).hover();
  await page.clock.runFor(60_000);
  await said.waitFor({ state: "detached" });
  await close();
});
