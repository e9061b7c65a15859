import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { seedCategories, seedProducts } from "../fixtures/api.ts";
import { expectAccessible, shot } from "../fixtures/browser.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

stage(async () => {
  await seedProducts(pb, await seedCategories(pb));
});

const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const png = (name: string) => ({ name, mimeType: "image/png", buffer: pixel });

test("a record with every field type", async () => {
  const { page, close } = await openUi("/collections/products");
  await page.getByRole("button", { name: "New record" }).click();
  const panel = page.getByRole("complementary", { name: "New record in products" });
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await panel.getByRole("alert").getByText("1 field needs attention: title").waitFor();
  await panel.getByRole("tab", { name: "Fields" }).getByText("1", { exact: true }).waitFor();
  expect(
    await panel
      .getByRole("textbox", { name: "title", exact: true })
      .evaluate((node) => node === document.activeElement),
  ).toBe(true);
  await expectAccessible(page, "record form with an error");

  await page.keyboard.type("Oak lamp");
  await panel.getByRole("textbox", { name: "price", exact: true }).fill("12.5");
  await panel.getByRole("switch", { name: "active" }).click();
  await panel.getByRole("textbox", { name: "contact", exact: true }).fill("a@example.com");
  await panel.getByRole("textbox", { name: "site", exact: true }).fill("https://example.com");
  await panel.getByRole("textbox", { name: "body" }).click();
  await page.keyboard.press("Control+b");
  await page.keyboard.type("Solid");
  await panel.getByRole("textbox", { name: "launch" }).fill("2026-03-01 10:30");
  await panel.getByRole("combobox", { name: "status" }).click();
  await page.getByRole("option", { name: "published" }).click();
  await panel.getByRole("combobox", { name: "tags" }).click();
  await page.getByRole("option", { name: "new" }).click();
  await page.getByRole("option", { name: "eco" }).click();
  await page.keyboard.press("Escape");
  await panel
    .getByLabel("photos", { exact: true })
    .setInputFiles([
      png("one.png"),
      { name: "x.exe", mimeType: "application/octet-stream", buffer: pixel },
      png("two.png"),
    ]);
  await panel.getByText(/x\.exe is application\/octet-stream; image\/png, image\/jpeg only/).waitFor();
  await panel
    .getByLabel("manual", { exact: true })
    .setInputFiles({ name: "guide.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
  const category = panel.getByRole("combobox", { name: "category" });
  await category.fill("lam");
  await page.getByRole("option", { name: /Lamps/ }).waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(() => category.inputValue()).toBe("Lamps");
  await panel.getByRole("textbox", { name: "meta", exact: true }).fill("{a");
  await panel.getByText("Not valid JSON at line 1, column 2.").first().waitFor();
  await panel.getByRole("textbox", { name: "meta", exact: true }).fill('{"a":1}');
  await panel.getByLabel("Longitude").fill("13.4");
  await panel.getByLabel("Latitude").fill("52.5");
  await panel.getByLabel("secret", { exact: true }).fill("hunter2hunter2");
  await shot(page, "record-filled");
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("status").getByText("Record created").waitFor();

  const [record] = await pb.collection("products").getFullList({ expand: "category" });
  expect(record).toMatchObject({
    title: "Oak lamp",
    price: 12.5,
    active: true,
    contact: "a@example.com",
    site: "https://example.com",
    body: "<p><strong>Solid</strong></p>",
    launch: "2026-03-01 09:30:00.000Z",
    status: "published",
    tags: ["new", "eco"],
    meta: { a: 1 },
    place: { lon: 13.4, lat: 52.5 },
    expand: { category: { name: "Lamps" } },
  });
  expect(record?.["photos"]).toHaveLength(2);
  expect(record?.["manual"]).toMatch(/^guide.*\.txt$/);

  const grid = page.getByRole("grid", { name: "products records" });
  await grid.getByRole("link", { name: "Oak lamp" }).waitFor();
  const saved = page.getByRole("complementary", { name: "Record Oak lamp" });
  await expectAccessible(page, "record panel");

  // Files keep the order they are given, and what is protected opens without its token being on the page.
  const photos = saved.getByRole("list", { name: "Files of photos" });
  await photos.getByRole("button", { name: /^Move two.* up$/ }).focus();
  await page.keyboard.press("Enter");
  await saved.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("status").getByText("Record saved").waitFor();
  const stored: string[] = (await pb.collection("products").getOne(record?.id ?? ""))["photos"];
  expect(stored.map((name) => name.slice(0, 3))).toEqual(["two", "one"]);
  const [popup, file, asked] = await Promise.all([
    page.waitForEvent("popup"),
    page.context().waitForEvent("response", (sent) => sent.url().includes("/guide")),
    page.waitForRequest((sent) => sent.url().endsWith("/api/files/token")),
    saved.getByRole("button", { name: /^Open guide/ }).click(),
  ]);
  const answer = await asked.response();
  const token: string = JSON.parse((await answer?.text()) ?? "{}").token;
  expect(file.status()).toBe(200);
  expect(new URL(file.url()).searchParams.get("token")).toBe(token);
  expect(await page.evaluate((secret) => document.body.textContent.includes(secret), token)).toBe(false);
  await popup.close();

  await saved.getByRole("button", { name: "Close", exact: true }).click();
  // Digits stand under digits.
  const price = grid.getByText("12.5", { exact: true });
  const room = await price.evaluate((node) => {
    const cell = node.closest("[role=gridcell]");
    return (cell?.getBoundingClientRect().right ?? 0) - node.getBoundingClientRect().right;
  });
  expect(room).toBeLessThan(16);
  const day = grid.locator('time[datetime="2026-03-01T09:30:00.000Z"]');
  for (let steps = 0; steps < 12 && (await day.count()) === 0; steps += 1) {
    await grid.evaluate((node) => node.parentElement?.scrollBy(300, 0));
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  expect(await day.textContent()).toMatch(/10:30/);
  expect(await day.getAttribute("title")).toMatch(/09:30.*UTC/);
  await close();
});

test("only what changed is sent, and removed files can be taken back", async () => {
  const { page, close } = await openUi();
  const [record] = await pb.collection("products").getFullList();
  await page.goto(`${server.ui}#/collections/products?record=${record?.id}`);
  const panel = page.getByRole("complementary", { name: "Record Oak lamp" });
  const photos = panel.getByRole("list", { name: "Files of photos" });
  await photos.getByRole("button", { name: /^Remove one/ }).click();
  await photos.getByRole("button", { name: /^Undo removing one/ }).click();
  await photos.getByRole("button", { name: /^Remove two/ }).click();
  const dropped = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "dropped.png", { type: "image/png" }));
    return data;
  });
  await panel.getByText("Choose files").first().dispatchEvent("drop", { dataTransfer: dropped });
  await photos.getByText("dropped.png").waitFor();
  await photos.getByRole("button", { name: "Remove dropped.png" }).click();
  await panel.getByRole("textbox", { name: "price", exact: true }).fill("14");
  await pb.collection("products").update(record?.id ?? "", { contact: "elsewhere@example.com" });
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.method() === "PATCH"),
    panel.getByRole("button", { name: "Save", exact: true }).click(),
  ]);
  expect(Object.keys(request.postDataJSON()).toSorted()).toEqual(["photos", "price"]);
  await page.getByRole("status").getByText("Record saved").waitFor();
  const saved = await pb.collection("products").getOne(record?.id ?? "");
  expect(saved).toMatchObject({ price: 14, contact: "elsewhere@example.com" });
  expect(saved["photos"]).toHaveLength(1);
  await close();
});

test("two people changing one field have to agree", async () => {
  const { page, close } = await openUi();
  const [record] = await pb.collection("products").getFullList();
  await page.goto(`${server.ui}#/collections/products?record=${record?.id}`);
  const panel = page.getByRole("complementary", { name: "Record Oak lamp" });
  await panel.getByRole("textbox", { name: "price", exact: true }).fill("20");
  await panel.getByRole("textbox", { name: "contact", exact: true }).fill("mine@example.com");
  await pb.collection("products").update(record?.id ?? "", { price: 30, site: "https://theirs.example.com" });
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Resolve conflict" });
  await dialog.waitFor();
  await expectAccessible(page, "merge dialog");
  await shot(page, "merge");
  // What only one of them changed is settled.
  expect(await dialog.getByRole("radiogroup").count()).toBe(1);
  expect(await dialog.getByRole("button", { name: "Save merged" }).getAttribute("aria-disabled")).toBe("true");
  await dialog.getByRole("radiogroup", { name: "price" }).getByRole("radio", { name: "Yours" }).click();
  await dialog.getByRole("button", { name: "Save merged" }).click();
  await page.getByRole("status").getByText("Record saved").waitFor();
  expect(await pb.collection("products").getOne(record?.id ?? "")).toMatchObject({
    price: 20,
    contact: "mine@example.com",
    site: "https://theirs.example.com",
  });
  await close();
});

test("what points at a record is counted and leads there", async () => {
  const { page, close } = await openUi();
  const lamps = await pb.collection("categories").getFirstListItem('name = "Lamps"');
  await page.goto(`${server.ui}#/collections/categories?record=${lamps.id}`);
  const panel = page.getByRole("complementary", { name: "Record Lamps" });
  await panel.getByRole("textbox", { name: "name", exact: true }).fill("Lamps and lights");
  await panel.getByRole("tab", { name: "JSON" }).click();
  await panel.getByText(`"id": "${lamps.id}"`).waitFor();
  await panel.getByRole("tab", { name: "Related" }).click();
  const link = panel.getByRole("link", { name: /products.*category.*1/ });
  await link.waitFor();
  await expectAccessible(page, "related records");
  await shot(page, "related");
  await panel.getByRole("tab", { name: "Fields" }).click();
  expect(await panel.getByRole("textbox", { name: "name", exact: true }).inputValue()).toBe("Lamps and lights");
  await panel.getByRole("button", { name: "Discard changes" }).click();
  await panel.getByRole("tab", { name: "Related" }).click();
  await link.click();
  await page.getByRole("contentinfo", { name: "Table status" }).getByText("1 of 1 record").waitFor();
  await close();
});

test("a record that was deleted meanwhile can be made anew", async () => {
  const made = await pb.collection("categories").create({ name: "Rugs" });
  const { page, close } = await openUi(`/collections/categories?record=${made.id}`);
  const panel = page.getByRole("complementary", { name: "Record Rugs" });
  await panel.getByRole("textbox", { name: "name", exact: true }).fill("Carpets");
  await pb.collection("categories").delete(made.id);
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await panel.getByRole("alert").getByText("This record was deleted.").waitFor();
  await panel.getByRole("button", { name: "Create as new" }).click();
  await page.getByRole("status").getByText("Record created").waitFor();
  await page.getByRole("complementary", { name: "Record Carpets" }).waitFor();
  const again = await pb.collection("categories").getFirstListItem('name = "Carpets"');
  expect(again.id).not.toBe(made.id);
  await pb.collection("categories").delete(again.id);
  await close();
});

test("filter and sort, with honest errors", async () => {
  for (const [title, price, status] of [
    ["Walnut desk", 300, "draft"],
    ["Rattan chair", 80, "draft"],
    ["Oak shelf", 120, "archived"],
  ]) {
    await pb.collection("products").create({ title, price, status });
  }
  const { page, close } = await openUi("/collections/products");
  const grid = page.getByRole("grid", { name: "products records" });
  const titles = () => grid.getByRole("link").locator(".sr-only").allTextContents();
  await grid.getByRole("link", { name: "Oak shelf" }).waitFor();
  await page.getByRole("contentinfo", { name: "Table status" }).getByText("4 records").waitFor();

  const filter = page.getByRole("combobox", { name: "Filter records" });
  await filter.click();
  await page.keyboard.type("sta");
  await page.getByRole("option", { name: /status/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.type(" = ");
  await page.getByRole("option", { name: /draft/ }).click();
  await page.keyboard.press("Enter");
  await page.getByRole("contentinfo", { name: "Table status" }).getByText("2 of 4 records").waitFor();
  expect(new URLSearchParams(page.url().split("?")[1]).get("filter")).toBe('status = "draft"');

  await page.getByRole("columnheader", { name: "price" }).getByRole("button").click();
  await expect.poll(titles).toEqual(["Rattan chair", "Walnut desk"]);
  expect(await page.getByRole("columnheader", { name: "price" }).getAttribute("aria-sort")).toBe("ascending");
  await page.getByRole("columnheader", { name: "price" }).getByRole("button").click();
  await expect.poll(titles).toEqual(["Walnut desk", "Rattan chair"]);

  await filter.fill('status = "draft" && prise > 1');
  await filter.press("Enter");
  await page
    .getByRole("alert")
    .getByText(/^Filter: unknown field.*prise/i)
    .waitFor();
  await page.locator("mark", { hasText: /^prise$/ }).waitFor();
  expect(await titles()).toEqual(["Walnut desk", "Rattan chair"]);
  await expectAccessible(page, "invalid filter");
  await shot(page, "invalid-filter");
  await page.getByRole("button", { name: "Use price" }).click();
  await expect.poll(() => page.getByRole("alert").getByText("Filter:").count()).toBe(0);
  expect(await titles()).toEqual(["Walnut desk", "Rattan chair"]);

  await filter.fill("oak");
  await filter.press("Enter");
  await expect.poll(async () => (await titles()).toSorted()).toEqual(["Oak lamp", "Oak shelf"]);
  await filter.fill('title = "nothing"');
  await filter.press("Enter");
  await page.getByText("No record matches").waitFor();
  await page.getByRole("main").getByRole("button", { name: "Clear filter" }).last().click();
  await page.getByRole("contentinfo", { name: "Table status" }).getByText("4 records").waitFor();
  await page.goBack();
  await page.getByText("No record matches").waitFor();
  await close();
});

test("unsaved changes are never dropped silently", async () => {
  const { page, close } = await openUi("/collections/products");
  await page.getByRole("grid").getByRole("link", { name: "Oak shelf" }).click();
  const panel = page.getByRole("complementary", { name: "Record Oak shelf" });
  await panel.getByRole("textbox", { name: "price", exact: true }).fill("999");
  await panel.getByText("1 change").waitFor();
  const question = page.getByRole("alertdialog", { name: "Discard unsaved changes?" });
  await page.getByRole("treeitem", { name: "categories" }).getByRole("link").click();
  await question.getByRole("button", { name: "Keep editing" }).click();
  await page.goBack().catch(() => undefined);
  await question.getByRole("button", { name: "Keep editing" }).click();
  expect(await panel.getByRole("textbox", { name: "price", exact: true }).inputValue()).toBe("999");
  // An address that was typed is asked about each time, and taken back.
  const here = page.url();
  for (let times = 0; times < 2; times += 1) {
    await page.evaluate(() => {
      window.location.hash = "#/logs";
    });
    await question.getByRole("button", { name: "Keep editing" }).click();
    await expect.poll(() => page.url()).toBe(here);
  }
  expect(await panel.getByRole("textbox", { name: "price", exact: true }).inputValue()).toBe("999");
  await expect
    .poll(() => page.evaluate(() => Object.keys(localStorage).some((key) => key.startsWith("stead.draft."))))
    .toBe(true);
  page.once("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await panel.getByRole("status").getByText("Unsaved draft").waitFor();
  await panel.getByRole("button", { name: "Restore draft" }).click();
  await panel.getByRole("button", { name: "Revert price" }).waitFor();
  expect(await panel.getByText("Changed", { exact: true }).count()).toBe(1);
  expect(await panel.getByRole("textbox", { name: "price", exact: true }).inputValue()).toBe("999");
  await panel.getByRole("button", { name: "Discard changes" }).click();
  expect(await panel.getByRole("textbox", { name: "price", exact: true }).inputValue()).toBe("120");
  await panel.getByRole("textbox", { name: "price", exact: true }).fill("998");
  await page.evaluate(() => {
    window.location.hash = "#/logs";
  });
  await question.getByRole("button", { name: "Discard changes" }).click();
  await page.getByRole("heading", { name: "Logs", exact: true }).waitFor();
  await page.goBack();
  await panel.waitFor();
  await close();
});

test("records are deleted after a question that names them", async () => {
  const { page, close } = await openUi("/collections/products?sort=title");
  const grid = page.getByRole("grid", { name: "products records" });
  await grid.getByRole("checkbox", { name: "Select Oak shelf" }).click();
  await grid.getByRole("checkbox", { name: "Select Walnut desk" }).click({ modifiers: ["Shift"] });
  const bar = page.getByRole("region", { name: "Selection" });
  await bar.getByText("3 selected").waitFor();
  await bar.getByRole("button", { name: "Delete" }).click();
  const question = page.getByRole("alertdialog", { name: "Delete 3 records from products?" });
  await question.getByText("Rattan chair").waitFor();
  await expectAccessible(page, "delete question");
  await question.getByRole("button", { name: "Delete 3 records" }).click();
  await page.getByRole("status").getByText("3 records deleted").waitFor();
  await page.getByRole("contentinfo", { name: "Table status" }).getByText("1 record").waitFor();

  await grid.getByRole("row", { name: /Oak lamp/ }).hover();
  await grid.getByRole("button", { name: "Actions for Oak lamp" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete record" }).click();
  await page.getByText("No records yet").waitFor();
  expect((await pb.collection("products").getList()).totalItems).toBe(0);
  await close();
});

test("a session that ends keeps what was typed", async () => {
  const { page, close } = await openUi("/collections/categories?record=new");
  const panel = page.getByRole("complementary", { name: "New record in categories" });
  await panel.getByRole("textbox", { name: "name", exact: true }).fill("Rugs");
  await page.evaluate(() => {
    const key = "stead.superuser";
    const stored = JSON.parse(localStorage.getItem(key) ?? "{}");
    localStorage.setItem(key, JSON.stringify({ ...stored, token: `${String(stored.token).slice(0, -4)}AAAA` }));
  });
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.getByLabel("Password", { exact: true }).fill("correct horse");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "hidden" });
  expect(await panel.getByRole("textbox", { name: "name", exact: true }).inputValue()).toBe("Rugs");
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("status").getByText("Record created").waitFor();
  await close();
});
