import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { shot } from "../fixtures/browser.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

/** Names without an end, and text that is read from the other side. */
const long = "a_collection_with_a_very_long_name_that_does_not_fit_anywhere_in_the_tree_at_all";
const arabic = "مصباح مكتب من خشب البلوط مصباح مكتب من خشب البلوط مصباح مكتب من خشب البلوط";
const backup = `${"a_backup_with_a_very_long_name_".repeat(3)}.zip`;
stage(async () => {
  await pb.collections.create({
    name: long,
    type: "base",
    fields: [
      { name: "title", type: "text", presentable: true },
      { name: "note", type: "text" },
    ],
  });
  await pb.collection(long).create({ title: arabic, note: arabic });
  await pb.backups.create(backup);
});

const sizes: [string, BrowserContextOptions][] = [
  ["wide", {}],
  ["phone", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }],
];

const fits = (what: Locator) => what.evaluate((node) => node.scrollWidth <= node.clientWidth);

async function inside(page: Page, what: Locator): Promise<boolean> {
  const box = await what.boundingBox();
  return box !== null && box.x >= 0 && box.x + box.width <= (page.viewportSize()?.width ?? 0);
}

test.each(sizes)("long names push nothing out of sight (%s)", async (size, options) => {
  const { page, close } = await openUi("/access", options);
  const rule = page.getByRole("button", { name: `List rule of ${long}` });
  await rule.waitFor();
  expect(await inside(page, rule)).toBe(true);
  await shot(page, `long-access-${size}`);
  await page.goto(`${server.ui}#/collections`);
  const row = page.getByRole("region", { name: "All collections" }).getByRole("row", { name: long });
  await row.waitFor();
  expect(await inside(page, row.getByText("Superusers").first())).toBe(true);
  await shot(page, `long-collections-${size}`);

  await page.goto(`${server.ui}#/collections/${long}`);
  await page.getByRole("button", { name: `Actions for ${long}` }).click();
  await page.getByRole("menuitem", { name: "Delete collection…" }).click();
  const question = page.getByRole("alertdialog");
  await question.getByText("to go on").waitFor();
  expect(await fits(question)).toBe(true);
  expect(await inside(page, question.locator("b", { hasText: long }))).toBe(true);
  await shot(page, `long-delete-${size}`);
  await question.getByRole("button", { name: "Cancel" }).click();

  await page.goto(`${server.ui}#/settings/backups`);
  await page.getByRole("button", { name: `Actions for ${backup}` }).click();
  await page.getByRole("menuitem", { name: /^Restore/ }).click();
  const restore = page.getByRole("dialog", { name: `Restore ${backup}` });
  await restore.waitFor();
  expect(await fits(restore)).toBe(true);
  expect(await inside(page, restore.getByText(`Type ${backup} to go on`))).toBe(true);
  await shot(page, `long-restore-${size}`);
  await page.keyboard.press("Escape");
  if (size === "wide") {
    await page.goto(`${server.ui}#/sql`);
    const tables = page.getByRole("complementary", { name: "Tables" });
    await tables.getByText(long).first().waitFor();
    expect(await fits(tables)).toBe(true);
  }
  await close();
});

test.each(sizes)("text that is read from the right begins there (%s)", async (size, options) => {
  const { page, close } = await openUi(`/collections/${long}`, options);
  const link = page.getByRole("main").getByRole("link", { name: arabic });
  await link.waitFor();
  const cut = page.getByRole("main").locator(".truncate").filter({ hasText: arabic });
  await expect.poll(() => cut.count()).toBeGreaterThanOrEqual(2);
  await shot(page, `right-to-left-${size}`);
  // What holds the text, not the cell around it.
  const directions = await cut.evaluateAll((nodes) =>
    nodes.filter((node) => node.querySelector("*") === null).map((node) => getComputedStyle(node).direction),
  );
  expect(directions).toEqual(["rtl", "rtl"]);
  await link.click();
  const title = page.getByRole("textbox", { name: "title", exact: true });
  await title.waitFor();
  expect(await title.evaluate((node) => getComputedStyle(node).direction)).toBe("rtl");
  const heading = page.getByRole("heading", { name: arabic }).last();
  expect(await heading.evaluate((node) => getComputedStyle(node).direction)).toBe("rtl");
  await close();
});

test.each(sizes)(
  "a long name leaves the words of an empty table where they can be read (%s)",
  async (size, options) => {
    const name = `${long}_without_records_${size}`;
    await pb.collections.create({ name, type: "base", fields: [{ name: "title", type: "text" }] });
    const { page, close } = await openUi(`/collections/${name}`, options);
    const main = page.getByRole("main");
    await main.getByRole("heading", { name: "No records yet" }).waitFor();
    expect(await inside(page, main.getByText(`/api/collections/${name}/records`))).toBe(true);
    await shot(page, `long-empty-${size}`);
    await close();
  },
);
