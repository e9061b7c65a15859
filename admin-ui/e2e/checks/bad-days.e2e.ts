import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { seedCategories, seedProducts } from "../fixtures/api.ts";
import { expectAccessible, shot, signIn, visit } from "../fixtures/browser.ts";
import { browser, openUi, pb, server, stage } from "../fixtures/stage.ts";

/** Values nobody expects, and a server that changes or tires under an open page. */
stage(async () => {
  await seedProducts(pb, await seedCategories(pb));
});

const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const lists = "**/api/collections/categories/records?*";

async function openCategories(page: Page) {
  await signIn(page, server, "/collections/categories");
  const grid = page.getByRole("grid", { name: "categories records" });
  await grid.getByRole("link", { name: "Lamps" }).waitFor();
  return grid;
}

test("values that pretend to be a program stay text", async () => {
  const evil = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>"'\`{{7*7}}\u202e`;
  await pb.collection("products").create({
    title: evil.slice(0, 80),
    contact: "a@example.com",
    body: `<p onclick="window.hacked=1">Text</p>${evil}<iframe srcdoc="<script>top.hacked=1</script>"></iframe>`,
    meta: { [evil]: evil },
    photos: [new File([pixel], `"><img src=x onerror=alert(1)>.png`, { type: "image/png" })],
  });
  const [record] = await pb.collection("products").getFullList();
  await pb.collection("categories").create({ name: `${evil}javascript:window.hacked=1` });
  const { page, close } = await visit(browser, server);
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.accept();
  });
  await signIn(page, server);
  const harmless = async (where: string) => {
    expect(await page.evaluate(() => Reflect.get(window, "hacked")), where).toBeUndefined();
    expect(await page.locator("img[src=x], [onerror], [onclick], iframe[srcdoc*=script]").count(), where).toBe(0);
    expect(await page.locator('a[href^="javascript:"]').count(), where).toBe(0);
  };
  await page.goto(`${server.ui}#/collections/products`);
  await page.getByRole("grid").getByRole("link").first().waitFor();
  await harmless("table");
  await page.goto(`${server.ui}#/collections/products?record=${record?.id}`);
  await page.getByRole("textbox", { name: "price", exact: true }).waitFor();
  // HTML the visual editor would lose is shown as its source.
  await page.getByText("Uses HTML the visual editor can't keep.").waitFor();
  await harmless("form");
  await shot(page, "hostile");
  await page.getByRole("tab", { name: "JSON" }).click();
  await page.getByText("window.hacked=1").first().waitFor();
  await harmless("JSON");
  await page.goto(`${server.ui}#/collections/categories`);
  await page.getByRole("grid").getByRole("link").first().waitFor();
  await harmless("categories");
  await page.goto(`${server.ui}#/collections/products?filter=${encodeURIComponent(evil)}`);
  await page.getByRole("combobox", { name: "Filter records" }).waitFor();
  await harmless("filter");
  expect(dialogs).toEqual([]);
  await close();
  await pb.collection("products").delete(record?.id ?? "");
});

test("huge values and other scripts stay inside their cells", async () => {
  const long = "长文字".repeat(20_000);
  await pb.collection("products").create({
    title: "שלום עולם — 日本語のタイトル",
    body: `<p>${long}</p>`,
    meta: { list: Array.from({ length: 5000 }, (_, n) => ({ n, text: "مرحبا" })) },
    price: 1e21,
  });
  const { page, close } = await openUi("/collections/products");
  const grid = page.getByRole("grid", { name: "products records" });
  await grid.getByRole("link", { name: "שלום עולם — 日本語のタイトル" }).waitFor();
  const text = await grid.evaluate((node) => node.textContent.length);
  expect(text).toBeLessThan(20_000);
  await grid.getByRole("link", { name: "日本語" }).click();
  const panel = page.getByRole("complementary", { name: /^Record/ });
  await panel.getByRole("textbox", { name: "title", exact: true }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await panel.getByRole("textbox", { name: "title", exact: true }).fill("عنوان جديد");
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("status").getByText("Record saved").waitFor();
  await page.getByRole("combobox", { name: "Filter records" }).fill("عنوان");
  await page.keyboard.press("Enter");
  await page
    .getByRole("contentinfo", { name: "Table status" })
    .getByText(/^1 of \d+ records?/)
    .waitFor();
  await shot(page, "scripts-of-the-world");
  await close();
});

test("too many requests: the rows stay, and the message says what to do", async () => {
  const { page, close } = await visit(browser, server);
  const grid = await openCategories(page);
  const rows = await grid.getByRole("link").count();
  await page.route(lists, (route) =>
    route.fulfill({
      status: 429,
      contentType: "application/json",
      body: '{"status":429,"message":"Too Many Requests.","data":{}}',
    }),
  );
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("alert").getByText("Too Many Requests. Wait a moment, then try again.").first().waitFor();
  expect(await grid.getByRole("link").count()).toBe(rows);
  await expectAccessible(page, "too many requests");
  await page.unroute(lists);
  await page.getByRole("button", { name: "Retry" }).click();
  await expect.poll(() => page.getByRole("alert").getByText("Too Many Requests").count()).toBe(0);
  await close();
});

test("a slow server: the old rows stay until the new ones are there", async () => {
  const { page, close } = await visit(browser, server);
  const grid = await openCategories(page);
  const waiting: (() => void)[] = [];
  let slow = true;
  await page.route(lists, async (route) => {
    if (slow)
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    await route.continue();
  });
  await page.getByRole("combobox", { name: "Filter records" }).fill("Tables");
  await page.keyboard.press("Enter");
  await page.locator("[aria-busy=true]").first().waitFor();
  await grid.getByRole("link", { name: "Lamps" }).waitFor();
  await expectAccessible(page, "waiting");
  await expect.poll(() => waiting.length).toBeGreaterThan(0);
  slow = false;
  for (const go of waiting) go();
  await grid.getByRole("link", { name: "Lamps" }).waitFor({ state: "hidden" });
  await grid.getByRole("link", { name: "Tables" }).waitFor();
  await close();
});

test("a refused save keeps what was typed", async () => {
  const { page, close } = await visit(browser, server);
  await openCategories(page);
  await page.getByRole("button", { name: "New record" }).click();
  const panel = page.getByRole("complementary", { name: "New record in categories" });
  const name = panel.getByRole("textbox", { name: "name", exact: true });
  await name.fill("Rugs");
  await page.context().setOffline(true);
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await panel.getByRole("alert").getByText("The server can't be reached.").waitFor();
  expect(await name.inputValue()).toBe("Rugs");
  await page.context().setOffline(false);
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("status").getByText("Record created").waitFor();
  await close();
});

test("a schema that changes underneath is followed", async () => {
  const { page, close } = await visit(browser, server);
  await openCategories(page);
  const before = await pb.collections.getOne("categories");
  await pb.collections.update("categories", {
    fields: before.fields.map((field) => (field.name === "name" ? { ...field, name: "label" } : field)),
  });
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("columnheader", { name: "label" }).waitFor();
  await page.getByRole("grid").getByRole("link", { name: "Lamps" }).waitFor();
  await pb.collections.create({ name: "passing", type: "base", fields: [{ name: "n", type: "number" }] });
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("treeitem", { name: "passing" }).getByRole("link").click();
  await page.getByText("No records yet").waitFor();
  await pb.collections.delete("passing");
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("heading", { name: "There is no collection passing" }).waitFor();
  await close();
});
