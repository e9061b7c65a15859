import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { offers, seedCategories, seedProducts } from "../fixtures/api.ts";
import { expectAccessible, shot } from "../fixtures/browser.ts";
import { hasFocus } from "../fixtures/keyboard.ts";
import { openUi, pb, stage } from "../fixtures/stage.ts";

stage(async () => {
  await seedProducts(pb, await seedCategories(pb));
  const products = await pb.collections.getOne("products");
  await pb.collections.create({
    name: "orders",
    type: "base",
    fields: [{ name: "items", type: "relation", collectionId: products.id, maxSelect: 5, cascadeDelete: true }],
  });
});

test("relations are seen, drawn, added and reviewed", async (context) => {
  const { page, close } = await openUi("/diagram");
  const card = (name: string) => page.getByRole("region", { name: new RegExp(`^${name}, `) });
  await card("orders").waitFor();
  await expectAccessible(page, "diagram");
  await shot(page, "diagram");

  // By keys: along relations, and away from them.
  await card("orders").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => hasFocus(card("products"))).toBe(true);
  await page.getByRole("radio", { name: "List" }).click();
  const table = page.getByRole("table", { name: "Relations" });
  await table.getByRole("row", { name: "orders items products n:m cascade" }).waitFor();
  await table.getByRole("row", { name: /products category categories n:1/ }).waitFor();
  await expectAccessible(page, "relations as a list");
  await page.getByRole("radio", { name: "Canvas" }).click();
  if (!(await offers(pb, "/api/stead/schema/plan", "POST"))) {
    await close();
    return context.skip();
  }

  // Dragging from one card to another asks for a relation between them.
  const from = await card("categories").boundingBox();
  const to = await card("users").boundingBox();
  if (!from || !to) return expect.fail("a card is not there");
  await page.mouse.move(from.x + from.width, from.y + 18);
  await page.mouse.down();
  await page.mouse.move(to.x + 40, to.y + 50, { steps: 4 });
  await page.mouse.up();
  const dialog = page.getByRole("dialog", { name: "New relation" });
  expect(await dialog.getByLabel("To").inputValue()).toBe("_pb_users_auth_");
  await dialog.getByLabel("Field name").fill("keeper");
  await expectAccessible(page, "new relation");
  await dialog.getByRole("button", { name: "Add relation" }).click();
  await page.getByRole("button", { name: "Actions for orders" }).click();
  await page.getByRole("menuitem", { name: "Add field…" }).click();
  const field = page.getByRole("dialog", { name: "New field in orders" });
  await field.getByLabel("Field name").fill("note");
  await field.getByRole("button", { name: "Add field" }).click();
  const bar = page.getByRole("region", { name: "Pending schema changes" });
  await bar.getByText("2 unsaved changes").waitFor();
  await bar.getByRole("button", { name: "Review changes" }).click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  await review.getByText("categories: Add field keeper").waitFor();
  await review.getByText("No data loss").waitFor();
  await expectAccessible(page, "diagram review");
  await review.getByRole("button", { name: "Apply changes" }).click();
  await page.getByRole("status").getByText("Schema changed").waitFor();
  const made = (await pb.collections.getOne("categories")).fields.find((known) => known.name === "keeper");
  expect(made).toMatchObject({ type: "relation", collectionId: "_pb_users_auth_", maxSelect: 1 });
  expect((await pb.collections.getOne("orders")).fields.map((known) => known.name)).toContain("note");
  await bar.waitFor({ state: "hidden" });

  // A card that was moved stays there.
  const before = await card("orders").boundingBox();
  await card("orders").focus();
  expect(await hasFocus(card("orders"))).toBe(true);
  await page.keyboard.press("Shift+ArrowDown");
  await expect.poll(async () => (await card("orders").boundingBox())?.y).toBe((before?.y ?? 0) + 20);
  await expect
    .poll(async () => {
      const prefs = await pb.send<{ shared: Record<string, unknown> }>("/api/stead/prefs", { method: "GET" });
      return Object.keys(prefs.shared["diagram.positions"] ?? {}).length;
    })
    .toBe(1);
  await page.reload();
  await card("orders").waitFor();
  await expect.poll(async () => (await card("orders").boundingBox())?.y).toBe((before?.y ?? 0) + 20);
  await page.getByRole("searchbox", { name: "Find a collection" }).fill("ord");
  await page.keyboard.press("Enter");
  expect(await hasFocus(card("orders"))).toBe(true);
  await page.getByRole("button", { name: "Actions for orders" }).click();
  await page.getByRole("menuitem", { name: "Focus" }).click();
  const dimmed = (name: string) => card(name).evaluate((node) => getComputedStyle(node).borderStyle === "dashed");
  expect([await dimmed("orders"), await dimmed("products"), await dimmed("users")]).toEqual([false, false, true]);
  await expectAccessible(page, "diagram in focus");
  await shot(page, "diagram-focus");

  // What does not fit is seen in small, and a click there goes to it.
  await page.setViewportSize({ width: 800, height: 500 });
  const map = page.locator("[data-minimap]");
  const box = await map.boundingBox();
  if (!box) return expect.fail("no map");
  await page.mouse.click(box.x + box.width - 4, box.y + box.height - 4);
  const canvas = page.getByRole("region", { name: "Collections and relations" });
  await expect.poll(() => canvas.evaluate((node) => node.scrollLeft)).toBeGreaterThan(0);
  await shot(page, "diagram-map");

  async function download(item: string): Promise<Buffer> {
    await page.getByRole("button", { name: "Export" }).click();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: item }).click(),
    ]);
    return readFile(await file.path());
  }
  const svg = (await download("Download SVG")).toString();
  for (const word of [">orders</text>", ">keeper</text>", ">n:m cascade</text>"]) expect(svg).toContain(word);
  expect((await download("Download PNG")).subarray(1, 4).toString()).toBe("PNG");
  await close();
  return undefined;
});
