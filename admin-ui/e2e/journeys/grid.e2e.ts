import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { readFile } from "node:fs/promises";
import { offers, seedCategories, seedProducts } from "../fixtures/api.ts";
import { expectAccessible, noted, shot, signIn, visit } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { browser, openUi, pb, server, stage } from "../fixtures/stage.ts";

stage(async () => {
  await seedProducts(pb, await seedCategories(pb));
  const categories = await pb.collections.getOne("categories");
  await pb.collections.update("categories", { fields: [...categories.fields, { name: "rank", type: "number" }] });
  const category = await pb.collection("categories").getFirstListItem('name = "Lamps"');
  for (let n = 1; n <= 12; n += 1) {
    await pb
      .collection("products")
      .create({ title: `Lamp ${String(n).padStart(2, "0")}`, price: n * 10, status: "draft", category: category.id });
  }
});

async function price(title: string) {
  const found = await pb.collection("products").getFirstListItem(`title = "${title}"`);
  return found["price"];
}

const gridOf = (page: Page) => page.getByRole("grid", { name: "products records" });

/** The cell of a column in the row of a record. */
async function cell(page: Page, title: string, column: string) {
  const header = page.getByRole("columnheader", { name: column, exact: true });
  await header.waitFor();
  const at = await header.getAttribute("aria-colindex");
  return gridOf(page)
    .getByRole("row", { name: new RegExp(title) })
    .locator(`[role=gridcell][aria-colindex="${at}"]`);
}

async function open(page: Page, hash = "sort=title") {
  await signIn(page, server, `/collections/products?${hash}`);
  await gridOf(page).getByRole("link", { name: "Lamp 01" }).waitFor();
}

describe.each([
  ["in one transaction", true],
  ["one by one", false],
])("edits in the table, saved %s", (_, batch) => {
  test("are staged, walked back, reviewed, saved and undone", async () => {
    await pb.settings.update({ batch: { enabled: batch, maxRequests: 50, timeout: 10 } });
    const { page, close } = await visit(browser, server);
    await open(page);
    const bar = page.getByRole("region", { name: "Pending changes" });
    await (await cell(page, "Lamp 02", "price")).focus();
    await page.keyboard.type("849");
    await page.keyboard.press("Enter");
    await bar.getByText("1 change in 1 row").waitFor();
    await page.keyboard.type("850");
    await page.keyboard.press("Enter");
    await (await cell(page, "Lamp 02", "active")).focus();
    await page.keyboard.press("Space");
    await bar.getByText("3 changes in 2 rows").waitFor();
    await expectAccessible(page, "staged edits");
    await shot(page, "staged");
    await page.keyboard.press("Control+z");
    await bar.getByText("2 changes in 2 rows").waitFor();
    await page.keyboard.press("Control+Shift+z");
    await bar.getByText("3 changes in 2 rows").waitFor();
    expect((await pb.collection("products").getFirstListItem('title = "Lamp 02"'))["price"]).not.toBe(849);

    await page.getByRole("columnheader", { name: "price" }).getByRole("button").click();
    await (await cell(page, "Lamp 02", "price")).getByText("849").waitFor();
    await bar.getByRole("button", { name: "Review" }).click();
    const review = page.getByRole("dialog", { name: "Review changes" });
    await review.getByRole("checkbox", { name: "Save active of Lamp 02" }).click();
    await expectAccessible(page, "review of edits");
    const [request] = await Promise.all([
      page.waitForRequest((sent) => sent.method() === (batch ? "POST" : "PATCH") && !sent.url().includes("realtime")),
      review.getByRole("button", { name: "Save 2 changes" }).click(),
    ]);
    if (!batch) expect(Object.keys(request.postDataJSON())).toEqual(["price"]);
    await page.getByRole("status").getByText("Saved 2 changes").waitFor();
    await bar.getByText("1 change in 1 row").waitFor();
    expect([await price("Lamp 02"), await price("Lamp 03")]).toEqual([849, 850]);
    await page.getByRole("region", { name: "Notifications" }).getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => price("Lamp 02")).toBe(20);
    await expect.poll(() => price("Lamp 03")).toBe(30);
    await bar.getByRole("button", { name: "Discard" }).click();
    await close();
  });

  test("a refused cell says why", async () => {
    const { page, close } = await visit(browser, server);
    await open(page);
    const bar = page.getByRole("region", { name: "Pending changes" });
    await (await cell(page, "Lamp 04", "price")).focus();
    await page.keyboard.type("-5");
    await page.keyboard.press("Enter");
    await page.keyboard.type("55");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+s");
    await bar.getByRole("alert").waitFor();
    const refused = await cell(page, "Lamp 04", "price");
    await refused.locator(".bg-danger").waitFor({ state: "attached" });
    // In the words of the server.
    expect(await refused.locator("[title]").first().getAttribute("title")).toMatch(/\b0\b/);
    const fifth = (await pb.collection("products").getFirstListItem('title = "Lamp 05"'))["price"];
    expect(fifth).toBe(batch ? 50 : 55);
    await bar.getByText(batch ? "2 changes in 2 rows" : "1 change in 1 row").waitFor();
    await page.getByRole("treeitem", { name: "categories" }).getByRole("link").click();
    await page
      .getByRole("alertdialog", { name: "Discard unsaved changes?" })
      .getByRole("button", { name: "Keep editing" })
      .click();
    await bar.getByRole("button", { name: "Discard" }).click();
    const row = await pb.collection("products").getFirstListItem('title = "Lamp 05"');
    await pb.collection("products").update(row.id, { price: 50 });
    await close();
  });
});

async function archived(): Promise<number> {
  return (await pb.collection("products").getList(1, 1, { filter: 'status = "archived"' })).totalItems;
}

test("blocks of cells are copied and pasted", async () => {
  const { page, close } = await visit(browser, server);
  await open(page);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const bar = page.getByRole("region", { name: "Pending changes" });
  await (await cell(page, "Lamp 06", "price")).focus();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowRight");
  await expect.poll(() => gridOf(page).locator("[role=gridcell][aria-selected=true]").count()).toBe(4);
  await expectAccessible(page, "a block of cells");
  await shot(page, "block");
  await page.keyboard.press("Control+c");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe("60\tfalse\n70\tfalse");
  await page.keyboard.press("Escape");
  await expect.poll(() => gridOf(page).locator("[role=gridcell][aria-selected=true]").count()).toBe(0);
  await (await cell(page, "Lamp 08", "price")).focus();
  await page.keyboard.press("Control+v");
  await bar.getByText("2 changes in 2 rows").waitFor();
  await (await cell(page, "Lamp 09", "price")).getByText("70").waitFor();
  await page.keyboard.press("Control+z");
  await bar.waitFor({ state: "hidden" });
  await page.evaluate(() => navigator.clipboard.writeText("7\tyes\tx@example.com\nmany\tno"));
  await (await cell(page, "Lamp 08", "price")).focus();
  await page.keyboard.press("Control+v");
  await page.getByRole("alert").getByText("Pasted 4 cells; 1 cell left out (price: “many”)").waitFor();
  await bar.getByText("3 changes in 1 row").waitFor();
  await (await cell(page, "Lamp 08", "price")).focus();
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Control+x");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("7\ttrue");
  await bar.getByRole("button", { name: "Discard" }).click();
  await close();
});

test("many records are edited at once, and that is undone", async () => {
  const { page, close } = await visit(browser, server);
  await open(page);
  await gridOf(page).getByRole("checkbox", { name: "Select Lamp 02" }).click();
  await gridOf(page)
    .getByRole("checkbox", { name: "Select Lamp 04" })
    .click({ modifiers: ["Shift"] });
  const bar = page.getByRole("region", { name: "Selection" });
  await bar.getByText("3 selected").waitFor();
  await bar.getByRole("button", { name: "Edit fields" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit 3 records of products" });
  await dialog.getByRole("checkbox", { name: "Set status" }).click();
  await dialog.getByRole("combobox", { name: "New status" }).click();
  await page.getByRole("option", { name: "archived" }).click();
  await expectAccessible(page, "bulk edit");
  await shot(page, "bulk-edit");
  await dialog.getByRole("button", { name: "Apply to 3 records" }).click();
  await page.getByRole("status").getByText("3 records updated").waitFor();
  expect(await archived()).toBe(3);
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect.poll(archived).toBe(0);
  await close();
});

test("all that match are exported, and come back in", async () => {
  await pb.collection("products").create({ title: "=SUM(A1)", price: 1, status: "draft" });
  const { page, close } = await visit(browser, server);
  await open(page);
  await page.getByRole("checkbox", { name: "Select all loaded" }).click();
  const bar = page.getByRole("region", { name: "Selection" });
  await bar.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export products" });
  await dialog.getByRole("radio", { name: "All", exact: true }).first().click();
  await expectAccessible(page, "export");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Export 13 records" }).click(),
  ]);
  const text = await readFile(await download.path(), "utf8");
  expect(text.split("\r\n")[0]).toContain("title,price");
  expect(text).toContain(`"'=SUM(A1)"`);
  expect(text.trim().split("\r\n")).toHaveLength(14);
  await page.getByRole("button", { name: "Import and export" }).click();
  await page.getByRole("menuitem", { name: "Import…" }).click();
  const taking = page.getByRole("dialog", { name: "Import into products" });
  await taking.getByLabel("File to import").setInputFiles({
    name: "new.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(
      "Title,price,status\nImported one,5,draft\n,6,draft\nImported two,many,draft\nImported three,7,nope\n",
    ),
  });
  await taking.getByText("1 line can be imported, 3 can't.").waitFor();
  await taking.getByText("Line 3: title: is required").waitFor();
  await expectAccessible(page, "import");
  await shot(page, "import");
  await taking.getByRole("button", { name: "Import 1 record" }).click();
  await page.getByRole("status").getByText("1 record imported").waitFor();
  expect(await pb.collection("products").getFirstListItem('title = "Imported one"')).toMatchObject({ price: 5 });
  await close();
});

test("a file of an older program is read as what it is, and what cannot be told is not guessed", async () => {
  const { page, close } = await visit(browser, server);
  await open(page);
  await page.getByRole("button", { name: "Import and export" }).click();
  await page.getByRole("menuitem", { name: "Import…" }).click();
  const taking = page.getByRole("dialog", { name: "Import into products" });
  await taking.getByLabel("File to import").setInputFiles({
    name: "old.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("title;active;created\nCafé;yes;2020-01-01\n\nBücher;perhaps;2020-01-01\n", "latin1"),
  });
  await taking.getByText("The file is not in UTF-8.").waitFor();
  await taking.getByText("Line 4: active: “perhaps” is neither true nor false").waitFor();
  // The server would set it in any case.
  expect(await taking.getByLabel("created goes to").inputValue()).toBe("");
  await expectAccessible(page, "import of an older file");
  await taking.getByRole("button", { name: "Import 1 record" }).click();
  await page.getByRole("status").getByText("1 record imported").waitFor();
  expect(await pb.collection("products").getFirstListItem('title = "Café"')).toMatchObject({ active: true });
  await close();
});

test("a number that two countries read differently is not guessed in a cell", async () => {
  const { page, close } = await visit(browser, server);
  await open(page);
  await (await cell(page, "Lamp 08", "price")).focus();
  await page.keyboard.press("Enter");
  const editor = page.getByRole("textbox", { name: "price of this record" });
  await editor.fill("6,250");
  await page.keyboard.press("Enter");
  const said = () => editor.evaluate((node) => (node instanceof HTMLInputElement ? node.validationMessage : ""));
  await expect.poll(said).toBe("“6,250” can be 6250 or 6.25.");
  await editor.fill("6250");
  expect(await said()).toBe("");
  await page.keyboard.press("Enter");
  await (await cell(page, "Lamp 08", "price")).getByText("6,250").waitFor();
  await page.getByRole("region", { name: "Pending changes" }).getByRole("button", { name: "Discard" }).click();
  await close();
});

test("a file from a spreadsheet refers to records by their names, and its dates are not guessed", async () => {
  const category = await pb.collection("categories").getFirstListItem('name = "Lamps"');
  for (const name of ["Twice", "Twice", 'The "big", ones']) await pb.collection("categories").create({ name });
  const { page, close } = await visit(browser, server);
  await open(page);
  await page.getByRole("button", { name: "Import and export" }).click();
  await page.getByRole("menuitem", { name: "Import…" }).click();
  const taking = page.getByRole("dialog", { name: "Import into products" });
  const lines = [
    "title,price,launch,category",
    `By name,"1,250.50",2026-03-01 10:30,Lamps`,
    `By id,1,,${category.id}`,
    `Odd,1,,"The ""big"", ones"`,
    "Nobody,1,,Sofas",
    "Two,1,,Twice",
    "When,1,03/04/2026,Lamps",
    `How much,"1,250",,Lamps`,
  ];
  await taking.getByLabel("File to import").setInputFiles({
    name: "spreadsheet.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(lines.join("\n")),
  });
  await taking.getByText("3 lines can be imported, 4 can't.").waitFor();
  await taking.getByText("Line 5: category: no record is called “Sofas”").waitFor();
  await taking.getByText("Line 6: category: 2 records are called “Twice”").waitFor();
  await taking.getByText("Line 7: launch: “03/04/2026” is not a date like 2026-03-31").waitFor();
  await taking.getByText("Line 8: price: “1,250” can be 1250 or 1.25").waitFor();
  await taking.getByText("Dates that name no zone are in Europe/Berlin, as the table shows them.").waitFor();
  await taking.getByRole("button", { name: "Use UTC" }).click();
  await taking.getByText("Dates that name no zone are in UTC, as the table shows them.").waitFor();
  await taking.getByRole("button", { name: "Use local time" }).click();
  await expectAccessible(page, "import of a spreadsheet");
  await shot(page, "import-names");
  await taking.getByRole("button", { name: "Import 3 records" }).click();
  await page.getByRole("status").getByText("3 records imported").waitFor();
  const made = await pb.collection("products").getFullList({ filter: 'title ~ "By " || title = "Odd"', sort: "title" });
  expect(made.map(({ title }) => title)).toEqual(["By id", "By name", "Odd"]);
  expect(made[1]).toMatchObject({
    price: 1250.5,
    launch: "2026-03-01 09:30:00.000Z",
    category: category.id,
  });
  expect(made[0]).toMatchObject({ category: category.id });
  expect(made[2]?.["category"]).toMatch(/^\w{15}$/);
  for (const { id } of made) await pb.collection("products").delete(id);
  await close();
});

test("a relation is looked at without leaving the table", async () => {
  const { page, close } = await visit(browser, server);
  await open(page);
  await gridOf(page).getByRole("link", { name: "Lamp 01" }).focus();
  await page.keyboard.press("End");
  // Cells and headers out of sight do not exist; until the cell is there, the grid has the focus.
  const header = page.getByRole("columnheader", { name: "category", exact: true });
  const focusedColumn = () => page.evaluate(() => document.activeElement?.getAttribute("aria-colindex") ?? "");
  for (let steps = 0; steps < 20; steps += 1) {
    await expect.poll(focusedColumn).not.toBe("");
    const isThere =
      (await header.count()) > 0 && (await header.getAttribute("aria-colindex")) === (await focusedColumn());
    if (isThere) break;
    await page.keyboard.press("ArrowLeft");
  }
  expect(await focusedColumn()).toBe(await header.getAttribute("aria-colindex"));
  await page.keyboard.press("Space");
  const peek = page.getByRole("dialog", { name: "category" });
  await peek.getByRole("heading", { name: "Lamps" }).waitFor();
  await expectAccessible(page, "peek");
  await shot(page, "peek");
  await page.keyboard.press("Escape");
  await peek.waitFor({ state: "hidden" });
  const scrolled = () => gridOf(page).evaluate((node) => node.parentElement?.scrollLeft ?? 0);
  const place = await scrolled();
  expect(place).toBeGreaterThan(0);
  await page.keyboard.press("Space");
  await peek.getByRole("link", { name: "Open" }).click();
  await page.getByRole("complementary", { name: "Record Lamps" }).waitFor();
  await page.goBack();
  await gridOf(page).waitFor();
  await expect.poll(scrolled).toBe(place);
  await close();
});

test("a deletion says what goes with it", async () => {
  const { page, close } = await openUi("/collections/categories");
  const grid = page.getByRole("grid", { name: "categories records" });
  await grid.getByRole("checkbox", { name: "Select Lamps" }).click();
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Delete" }).click();
  const question = page.getByRole("alertdialog", { name: "Delete record from categories?" });
  await question.getByText("12 products lose the reference (category)").waitFor();
  await expectAccessible(page, "deletion");
  await question.getByRole("button", { name: "Cancel" }).click();
  await close();
});

test("a view keeps filter, order and columns", async () => {
  const { page, close } = await visit(browser, server);
  await open(page, `sort=title&filter=${encodeURIComponent('price < 40 && title ~ "Lamp"')}`);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "id", exact: true }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "View: Unsaved" }).click();
  await page.getByRole("menuitem", { name: "Save view…" }).click();
  await page.getByRole("dialog", { name: "Save view" }).getByLabel("Name").fill("Cheap");
  await page.getByRole("dialog").getByRole("button", { name: "Save view" }).click();
  await page
    .getByRole("status")
    .getByText(/^View Cheap saved/)
    .waitFor();
  await page.getByRole("button", { name: "View: Cheap" }).click();
  await page.getByRole("menuitemcheckbox", { name: "All" }).click();
  await page.getByRole("columnheader", { name: "id", exact: true }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "View: All" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Cheap" }).click();
  await page.getByRole("contentinfo", { name: "Table status" }).getByText(/^3 of/).waitFor();
  expect(await page.getByRole("columnheader", { name: "id", exact: true }).count()).toBe(0);
  await close();
});

test("the table follows what others do", async (context) => {
  if (!(await offers(pb, "/api/realtime", "POST"))) return context.skip();
  const { page, close } = await visit(browser, server);
  await open(page);
  const status = page.getByRole("contentinfo", { name: "Table status" });
  await status.getByText("live", { exact: true }).waitFor();
  const first = await pb.collection("products").getFirstListItem('title = "Lamp 01"');
  await pb.collection("products").update(first.id, { price: 777 });
  await (await cell(page, "Lamp 01", "price")).getByText("777").waitFor();
  await pb.collection("products").create({ title: "Aaa lamp", price: 1 });
  await pb.collection("products").create({ title: "Aab lamp", price: 1 });
  const pill = page.getByRole("button", { name: "2 new records" });
  await pill.waitFor();
  expect(await gridOf(page).getByRole("link", { name: "Aaa lamp" }).count()).toBe(0);
  await expectAccessible(page, "new records");
  await pill.click();
  await gridOf(page).getByRole("link", { name: "Aaa lamp" }).waitFor();
  const { totalItems } = await pb.collection("products").getList(1, 1);
  const gone = await pb.collection("products").getFirstListItem('title = "Aab lamp"');
  await status.getByText(`${totalItems} records`).waitFor();
  const struckThrough = await noted(page, "[role=row].line-through", "Aab lamp");
  await pb.collection("products").delete(gone.id);
  await struckThrough();
  await gridOf(page).getByRole("link", { name: "Aab lamp" }).waitFor({ state: "hidden" });
  await status.getByText(`${totalItems - 1} records`).waitFor();

  await (await cell(page, "Lamp 01", "price")).focus();
  await page.keyboard.type("5");
  await page.keyboard.press("Enter");
  await pb.collection("products").update(first.id, { price: 888 });
  await page.getByText("changed on server").first().waitFor({ state: "attached" });
  await page.keyboard.press("Control+s");
  const merge = page.getByRole("dialog", { name: "Resolve conflict" });
  await merge.getByRole("radiogroup", { name: "price of Lamp 01" }).getByRole("radio", { name: "Yours" }).click();
  await merge.getByRole("button", { name: "Save merged" }).click();
  await page.getByRole("status").getByText("Saved 1 change").waitFor();
  expect((await pb.collection("products").getOne(first.id))["price"]).toBe(5);
  await page.getByRole("switch", { name: "Live updates" }).click();
  await pb.collection("products").update(first.id, { price: 999 });
  expect(await (await cell(page, "Lamp 01", "price")).textContent()).toBe("5");
  await page.getByRole("button", { name: "Refresh" }).click();
  await (await cell(page, "Lamp 01", "price")).getByText("999").waitFor();
  await close();
  return undefined;
});

test("a server that goes away and comes back is noticed, and what was missed arrives", async (context) => {
  if (!(await offers(pb, "/api/realtime", "POST"))) return context.skip();
  const { page, close } = await visit(browser, server);
  await open(page);
  const status = page.getByRole("contentinfo", { name: "Table status" });
  await status.getByText("live", { exact: true }).waitFor();
  const row = await pb.collection("products").getFirstListItem('title = "Lamp 10"');
  await server.halt();
  await status.getByText("reconnecting").waitFor({ timeout: patience(15_000) });
  const banner = page.getByRole("status").filter({ hasText: "The connection to the server is lost" });
  await banner.waitFor({ timeout: patience(15_000) });
  await shot(page, "connection-lost");
  await gridOf(page).getByRole("link", { name: "Lamp 10" }).waitFor();
  await expectAccessible(page, "without a server");
  await server.resume();
  await pb.collection("products").update(row.id, { price: 4321 });
  await (await cell(page, "Lamp 10", "price")).getByText("4,321").waitFor({ timeout: patience(30_000) });
  await status.getByText("live", { exact: true }).waitFor({ timeout: patience(30_000) });
  await banner.waitFor({ state: "detached" });
  await close();
  return undefined;
});

/** Where a column begins on the screen. */
async function left(page: Page, name: string): Promise<number> {
  return (await page.getByRole("columnheader", { name, exact: true }).boundingBox())?.x ?? Number.NaN;
}

async function width(page: Page, name: string): Promise<number> {
  return (await page.getByRole("columnheader", { name, exact: true }).boundingBox())?.width ?? Number.NaN;
}

test("a shared view is there for the others, and outlives a renamed field", async (context) => {
  if (!(await offers(pb, "/api/stead/prefs"))) return context.skip();
  const first = await visit(browser, server);
  await open(first.page, `sort=-price&filter=${encodeURIComponent('price > 60 && title ~ "Lamp"')}`);
  await first.page.getByRole("button", { name: "Columns" }).click();
  const columns = first.page.getByRole("dialog", { name: "Columns" });
  await columns.getByRole("checkbox", { name: "id", exact: true }).click();
  await columns.getByRole("checkbox", { name: "site", exact: true }).click();
  await columns.getByRole("button", { name: "Pin price" }).click();
  await first.page.keyboard.press("Escape");
  const before = await left(first.page, "price");
  await gridOf(first.page).getByRole("link", { name: "Lamp 12" }).focus();
  await first.page.keyboard.press("End");
  await expect.poll(() => left(first.page, "price")).toBe(before);
  await first.page.getByRole("columnheader", { name: "price" }).getByRole("button").focus();
  const narrow = await width(first.page, "price");
  await first.page.keyboard.press("Shift+ArrowRight");
  await expect.poll(() => width(first.page, "price")).toBeGreaterThan(narrow);
  const wide = await width(first.page, "price");
  await shot(first.page, "two-pinned");
  await first.page.getByRole("button", { name: "View: Unsaved" }).click();
  await first.page.getByRole("menuitem", { name: "Save view…" }).click();
  const dialog = first.page.getByRole("dialog", { name: "Save view" });
  await dialog.getByLabel("Name").fill("Dear ones");
  await dialog.getByRole("switch", { name: "Share with the other superusers" }).click();
  await dialog.getByRole("button", { name: "Save view" }).click();
  await first.page
    .getByRole("status")
    .getByText(/^View Dear ones saved/)
    .waitFor();

  const products = await pb.collections.getOne("products");
  const others: Record<string, string> = { contact: "mail", site: "web" };
  await pb.collections.update("products", {
    fields: products.fields.map((field) => ({ ...field, name: others[field.name] ?? field.name })),
  });
  const second = await visit(browser, server);
  await open(second.page);
  await second.page.getByRole("button", { name: /^View:/ }).click();
  await second.page.getByRole("menuitemcheckbox", { name: "Dear ones" }).click();
  await second.page
    .getByRole("contentinfo", { name: "Table status" })
    .getByText(/^\d+ of \d+ records/)
    .waitFor();
  expect(await second.page.getByRole("columnheader", { name: "id", exact: true }).count()).toBe(0);
  expect(await second.page.getByRole("columnheader", { name: "price" }).getAttribute("aria-sort")).toBe("descending");
  expect(Number(await second.page.getByRole("columnheader", { name: "price" }).getAttribute("aria-colindex"))).toBe(3);
  await second.page.getByRole("columnheader", { name: "mail", exact: true }).waitFor();
  // What was hidden stays so under its new name.
  expect(await second.page.getByRole("columnheader", { name: "web", exact: true }).count()).toBe(0);
  expect(await width(second.page, "price")).toBe(wide);
  await pb.collections.update("products", { fields: products.fields });
  await first.close();
  await second.close();
  return undefined;
});

test("a tooltip goes with what it belongs to", async () => {
  const { page, close } = await visit(browser, server);
  await open(page);
  await page.getByRole("button", { name: "Import and export" }).hover();
  await page.getByRole("tooltip").waitFor({ state: "attached" });
  await page.evaluate(() => {
    window.location.hash = "/settings/limits";
  });
  await page.getByRole("heading", { name: "Limits", level: 1 }).waitFor();
  await page.getByRole("tooltip").waitFor({ state: "detached" });
  await close();
});

test("a tooltip does not lie over the menu of what it belongs to", async () => {
  const { page, close } = await openUi();
  await page.clock.install();
  await page.goto(`${server.ui}#/collections/products`);
  const button = page.getByRole("button", { name: "Import and export", includeHidden: true });
  await button.hover();
  await page.getByRole("tooltip").waitFor({ state: "attached" });
  await button.click();
  await page.getByRole("menuitem", { name: "Import…" }).waitFor();
  await page.getByRole("tooltip").waitFor({ state: "detached" });
  // As when the pointer comes to rest on the button a moment after the click.
  await button.dispatchEvent("pointerover", { pointerType: "mouse" });
  await page.clock.runFor(2000);
  expect(await page.getByRole("tooltip", { includeHidden: true }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  await close();
});

test("choices in a file may be written in another case, which is told before", async () => {
  const { page, close } = await visit(browser, server, { timezoneId: "UTC" });
  await open(page);
  await page.getByRole("button", { name: "Import and export" }).click();
  await page.getByRole("menuitem", { name: "Import…" }).click();
  const taking = page.getByRole("dialog", { name: "Import into products" });
  const lines = [
    "title,status,tags,launch",
    'Cased,Draft,"NEW,eco",2026-03-01 10:30',
    "Plain,draft,,",
    "Other,drafts,,",
  ];
  await taking.getByLabel("File to import").setInputFiles({
    name: "cases.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(lines.join("\n")),
  });
  await taking.getByText("2 lines can be imported, 1 can't.").waitFor();
  expect(await taking.getByRole("list", { name: "Respelt choices" }).getByRole("listitem").allTextContents()).toEqual([
    "status: “Draft” as “draft”",
    "tags: “NEW” as “new”",
  ]);
  await taking.getByText("Line 4: status: “drafts” is none of the choices").waitFor();
  // Here both zones are the same: there is nothing to choose.
  await taking.getByText("Dates that name no zone are in UTC, as the table shows them.").waitFor();
  expect(await taking.getByRole("button", { name: /^Use / }).count()).toBe(0);
  await expectAccessible(page, "import of choices");
  await shot(page, "import-choices");
  await taking.getByRole("button", { name: "Import 2 records" }).click();
  await page.getByRole("status").getByText("2 records imported").waitFor();
  const made = await pb.collection("products").getFirstListItem('title = "Cased"');
  expect(made).toMatchObject({ status: "draft", tags: ["new", "eco"], launch: "2026-03-01 10:30:00.000Z" });
  for (const { id } of await pb.collection("products").getFullList({ filter: 'title = "Cased" || title = "Plain"' }))
    await pb.collection("products").delete(id);
  await close();
});

test("dates in a filter say their zone, and can be meant as the table shows them", async () => {
  const made = await pb.collection("products").create({ title: "Late lamp", launch: "2026-03-31 22:30:00.000Z" });
  const { page, close } = await visit(browser, server);
  await signIn(page, server, "/collections/products?sort=title");
  const late = gridOf(page).getByRole("link", { name: "Late lamp" });
  await (await cell(page, "Late lamp", "launch")).getByText("2026-04-01 00:30").waitFor();
  const filter = page.getByRole("combobox", { name: "Filter records" });
  const applied = () => new URLSearchParams(page.url().split("?")[1]).get("filter");

  // What is typed is offered as it is shown, and goes to the server in its zone.
  await filter.fill('launch >= "2026-04-01');
  await page.getByRole("option", { name: "2026-04-01 Europe/Berlin" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await late.waitFor();
  expect(applied()).toBe('launch >= "2026-03-31 22:00:00.000Z"');
  const note = page.getByRole("note", { name: "Zone of the filter" });
  expect(await note.count()).toBe(0);

  // Who types on is told what it means.
  await filter.fill('launch >= "2026-04-01"');
  await filter.press("Enter");
  await page.getByText("No record matches").waitFor();
  await note.getByText("Filters are in UTC: 2026-04-01 there is shown as 2026-04-01 02:00.").waitFor();
  await expectAccessible(page, "zone of a filter");
  await shot(page, "filter-zone");
  await note.getByRole("button", { name: "Use Europe/Berlin" }).click();
  await late.waitFor();
  expect(applied()).toBe('launch >= "2026-03-31 22:00:00.000Z"');
  await note.waitFor({ state: "detached" });
  await pb.collection("products").delete(made.id);
  await close();
});
