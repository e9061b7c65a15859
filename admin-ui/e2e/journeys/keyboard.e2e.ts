import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { seedCategories, seedProducts } from "../fixtures/api.ts";
import { expectAccessible, shot, visit, type Visit } from "../fixtures/browser.ts";
import { focused, hasFocus, tabTo } from "../fixtures/keyboard.ts";
import { superuser } from "../fixtures/server.ts";
import { browser, pb, server, stage } from "../fixtures/stage.ts";

/**
 * One walk without a pointer: signing in, making a collection, filling a record, editing in the table, filtering and
 * arranging. Nothing here clicks, and nothing moves the focus but keys.
 */
let page: Page;
let close: Visit["close"];
stage(async () => {
  await seedProducts(pb, await seedCategories(pb));
  for (let n = 1; n <= 8; n += 1)
    await pb
      .collection("products")
      .create({ title: `Oak lamp ${n}`, price: n * 10, status: n % 2 ? "draft" : "published" });
  ({ page, close } = await visit(browser, server));
  // A listener from the start, so that the first chooser is not opened for real.
  page.on("filechooser", () => undefined);
});
afterEach(async (context) => {
  if (context.task.result?.state === "fail") await shot(page, `keyboard-${context.task.name.replaceAll(" ", "-")}`);
});

const press = (keys: string) => page.keyboard.press(keys);
const type = (text: string) => page.keyboard.type(text);
const grid = () => page.getByRole("grid", { name: "products records" });

test("signing in", async () => {
  await page.goto(`${server.ui}#/collections/products`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await tabTo(page, page.getByLabel("E-mail"));
  await type(superuser.email);
  await tabTo(page, page.getByLabel("Password", { exact: true }));
  await type("wrong");
  await press("Enter");
  await page.getByRole("alert").getByText("E-mail or password is wrong.").waitFor();
  await expect.poll(() => hasFocus(page.getByLabel("Password", { exact: true }))).toBe(true);
  await type(superuser.password);
  await press("Enter");
  await grid().getByRole("link", { name: "Oak lamp 8" }).waitFor();
  // The first stop of the page leads past the navigation.
  await page.reload();
  await grid().getByRole("link", { name: "Oak lamp 8" }).waitFor();
  await tabTo(page, page.getByRole("link", { name: "Skip to content" }), { most: 2 });
  await press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("content");
});

test("making a collection", async () => {
  await tabTo(page, page.getByRole("button", { name: "New collection" }), { back: true });
  await press("Enter");
  const name = page.getByLabel("Name", { exact: true });
  await tabTo(page, name);
  await type("2bad name!");
  await page.getByText("Only letters, digits and _ are allowed.").waitFor();
  await press("Control+a");
  await type("articles");

  async function add(letters: string, fieldName: string) {
    await tabTo(page, page.getByRole("button", { name: "Add field" }));
    await press("Enter");
    await page.getByRole("menu").waitFor();
    await type(letters);
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent?.toLowerCase() ?? ""))
      .toMatch(new RegExp(`^${letters}`));
    await press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Field name");
    await type(fieldName);
  }
  const group = (field: string) => page.getByRole("group", { name: field, exact: true });
  await add("te", "title");
  await tabTo(page, group("title").getByRole("switch", { name: "Required" }));
  await press("Space");
  await tabTo(page, group("title").getByRole("switch", { name: "Unique" }));
  await press("Space");
  await add("nu", "views");
  await add("se", "status");
  await press("Alt+ArrowUp");
  await tabTo(page, group("status").getByLabel("Choices"));
  await type("draft,live,");
  await add("re", "author");
  await tabTo(page, group("author").getByLabel("Collection"));
  await type("users");
  await add("fi", "cover");
  await expectAccessible(page, "new collection by keyboard");
  await tabTo(page, page.getByRole("button", { name: "Review changes" }));
  await press("Enter");
  await page.getByRole("dialog", { name: "Review schema changes" }).getByText("No data loss").waitFor();
  await tabTo(page, page.getByRole("button", { name: "Apply changes" }));
  await press("Enter");
  await page.getByText("No records yet").waitFor();
  const made = await pb.collections.getOne("articles");
  expect(made.fields.map((field) => field.name)).toEqual([
    "id",
    "title",
    "status",
    "views",
    "author",
    "cover",
    "created",
    "updated",
  ]);
  expect(made.indexes.some((sql) => /unique/i.test(sql) && sql.includes("title"))).toBe(true);
});

test("filling a record", async () => {
  await press("Control+k");
  await page.getByRole("combobox", { name: "Search or jump" }).waitFor();
  await type("products");
  await press("Enter");
  await grid().getByRole("link", { name: "Oak lamp 8" }).waitFor();
  await press("n");
  const panel = page.getByRole("complementary", { name: "New record in products" });
  const title = panel.getByRole("textbox", { name: "title", exact: true });
  await expect.poll(() => hasFocus(title)).toBe(true);
  await press("Control+s");
  await panel.getByRole("alert").getByText("1 field needs attention: title").waitFor();
  await expect.poll(() => hasFocus(title)).toBe(true);
  await type("Walnut desk");
  const box = (name: string) => panel.getByRole("textbox", { name, exact: true });
  await tabTo(page, box("price"));
  await type("12.5");
  await tabTo(page, panel.getByRole("switch", { name: "active" }));
  await press("Space");
  await tabTo(page, box("contact"));
  await type("a@example.com");
  await tabTo(page, box("site"));
  await type("https://example.com");
  await tabTo(page, panel.getByRole("textbox", { name: "body" }));
  await press("Control+b");
  await type("Solid");
  await tabTo(page, panel.getByRole("textbox", { name: "launch" }));
  await type("2026-03-01 10:30");
  await tabTo(page, panel.getByRole("combobox", { name: "status" }));
  await type("publ");
  await press("Enter");
  await tabTo(page, panel.getByRole("combobox", { name: "tags" }));
  await type("eco");
  await press("Enter");
  await press("Escape");
  await tabTo(page, panel.getByLabel("photos", { exact: true }));
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press("Enter")]);
  await chooser.setFiles({ name: "one.png", mimeType: "image/png", buffer: Buffer.from("89504e470d0a1a0a", "hex") });
  await panel.getByText("one.png").waitFor();
  const category = panel.getByRole("combobox", { name: "category" });
  await tabTo(page, category);
  await type("lam");
  await page.getByRole("option", { name: /Lamps/ }).waitFor();
  await press("Enter");
  await expect.poll(() => category.inputValue()).toBe("Lamps");
  await tabTo(page, box("meta"));
  await type('{"a":1}');
  await tabTo(page, panel.getByLabel("Longitude"));
  await type("13.4");
  await tabTo(page, panel.getByLabel("Latitude"));
  await type("52.5");
  await tabTo(page, panel.getByLabel("secret", { exact: true }));
  await type("hunter2hunter2");
  await press("Control+Enter");
  await page.getByRole("status").getByText("Record created").waitFor();
  const [record] = await pb.collection("products").getFullList({ filter: 'title = "Walnut desk"', expand: "category" });
  expect(record).toMatchObject({
    price: 12.5,
    active: true,
    contact: "a@example.com",
    body: "<p><strong>Solid</strong></p>",
    launch: "2026-03-01 09:30:00.000Z",
    status: "published",
    tags: ["eco"],
    meta: { a: 1 },
    place: { lon: 13.4, lat: 52.5 },
    expand: { category: { name: "Lamps" } },
  });
});

/** Where the focus is in the table, and where its columns are. */
function whereabouts() {
  return page.evaluate(() => {
    const cell = document.activeElement?.closest("[role=gridcell]");
    const heads = [...document.querySelectorAll("[role=columnheader]")];
    return {
      title: cell?.closest("[role=row]")?.querySelector("a .sr-only")?.textContent ?? "",
      at: Number(cell?.getAttribute("aria-colindex") ?? 0),
      columns: Object.fromEntries(heads.map((head) => [head.textContent, Number(head.getAttribute("aria-colindex"))])),
    };
  });
}

/** The cell of a column in a row, reached with arrows. */
async function goToCell(row: string, column: string): Promise<void> {
  for (let steps = 0; steps < 60; steps += 1) {
    const { title, at, columns } = await whereabouts();
    const target = columns[column] ?? Number.POSITIVE_INFINITY;
    if (title === row && at === target) return;
    if (title !== row) await press(title < row ? "ArrowDown" : "ArrowUp");
    else await press(target < at ? "ArrowLeft" : "ArrowRight");
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  expect.fail(`${column} of ${row} can't be reached; the focus is on ${await focused(page)}`);
}

async function priceOf(title: string): Promise<unknown> {
  return (await pb.collection("products").getFirstListItem(`title = "${title}"`))["price"];
}

test("editing in the table", async () => {
  await page.goto(`${server.ui}#/collections/products?sort=title`);
  const bar = page.getByRole("region", { name: "Pending changes" });
  await tabTo(page, grid().getByRole("link", { name: "Oak lamp 1" }));
  await goToCell("Oak lamp 2", "price");
  await type("849");
  await press("Enter");
  await goToCell("Oak lamp 3", "price");
  await type("850");
  await press("Enter");
  await goToCell("Oak lamp 2", "active");
  await press("Space");
  await bar.getByText("3 changes in 2 rows").waitFor();
  await press("Control+z");
  await bar.getByText("2 changes in 2 rows").waitFor();
  await press("Control+Shift+z");
  await bar.getByText("3 changes in 2 rows").waitFor();
  await press("Control+.");
  const review = page.getByRole("dialog", { name: "Review changes" });
  await review.waitFor();
  await tabTo(page, review.getByRole("checkbox", { name: "Save active of Oak lamp 2" }));
  await press("Space");
  await tabTo(page, review.getByRole("button", { name: "Save 2 changes" }));
  await press("Enter");
  await page.getByRole("status").getByText("Saved 2 changes").waitFor();
  expect([await priceOf("Oak lamp 2"), await priceOf("Oak lamp 3")]).toEqual([849, 850]);
  const undo = page.getByRole("region", { name: "Notifications" }).getByRole("button", { name: "Undo" });
  await tabTo(page, undo);
  await press("Enter");
  await expect.poll(() => priceOf("Oak lamp 2")).toBe(20);
  await tabTo(page, bar.getByRole("button", { name: "Discard" }));
  await press("Enter");
  await bar.waitFor({ state: "hidden" });
});

test("looking through the tabs", async () => {
  const tab = (name: string) => page.getByRole("tab", { name, exact: true });
  async function expectShown(name: string) {
    await expect.poll(() => tab(name).getAttribute("aria-selected")).toBe("true");
    expect(await hasFocus(tab(name)), await focused(page)).toBe(true);
    await page.getByRole("tabpanel", { name }).waitFor();
  }
  await tabTo(page, tab("Records"), { back: true });
  for (const [key, name] of [
    ["ArrowRight", "Schema"],
    ["End", "Insights"],
    ["ArrowRight", "Records"],
    ["ArrowLeft", "Insights"],
    ["Home", "Records"],
  ] as const) {
    await press(key);
    await expectShown(name);
  }
  await grid().waitFor();
});

test("filtering and arranging", async () => {
  await page.evaluate(() => document.getElementById("content")?.focus());
  await press("/");
  const filter = page.getByRole("combobox", { name: "Filter records" });
  await expect.poll(() => hasFocus(filter)).toBe(true);
  await type("sta");
  await page.getByRole("option", { name: /status/ }).waitFor();
  await press("ArrowDown");
  await press("Enter");
  await type(" = ");
  await page.getByRole("option", { name: /draft/ }).waitFor();
  await press("ArrowDown");
  await press("Enter");
  await press("Enter");
  const status = page.getByRole("contentinfo", { name: "Table status" });
  await status.getByText("4 of 9 records").waitFor();
  await press("End");
  await type(" && prise > 1");
  await press("Enter");
  await page
    .getByRole("alert")
    .getByText(/^Filter: unknown field.*prise/i)
    .waitFor();
  await tabTo(page, page.getByRole("button", { name: "Use price" }));
  await press("Enter");
  await expect.poll(() => page.getByRole("alert").getByText("Filter:").count()).toBe(0);

  await tabTo(page, page.getByRole("button", { name: "Columns" }));
  await press("Enter");
  const columns = page.getByRole("dialog", { name: "Columns" });
  await tabTo(page, columns.getByRole("checkbox", { name: "id", exact: true }));
  await press("Space");
  await tabTo(page, columns.getByRole("button", { name: "Pin title" }), { back: true });
  await press("Enter");
  await columns.getByRole("button", { name: "Pin title", pressed: true }).waitFor();
  const density = columns.getByRole("radiogroup", { name: "Density" }).getByRole("radio", { checked: true });
  await tabTo(page, density);
  const spaced = await density.getAttribute("value");
  await press("ArrowLeft");
  await expect
    .poll(async () => (await density.getAttribute("value")) !== spaced && (await hasFocus(density)))
    .toBe(true);
  await press("Escape");
  await columns.waitFor({ state: "hidden" });
  await expect.poll(() => hasFocus(page.getByRole("button", { name: "Columns" }))).toBe(true);
  // Keys that come faster than a tooltip goes.
  await press("Enter");
  await tabTo(page, columns.getByRole("button", { name: /^Move .* right$/ }).last());
  await page.getByRole("tooltip").waitFor({ state: "attached" });
  await Promise.all(["Tab", "Escape"].map(press));
  await columns.waitFor({ state: "hidden" });
  await expect.poll(() => hasFocus(page.getByRole("button", { name: "Columns" }))).toBe(true);
  expect(await page.getByRole("columnheader", { name: "id", exact: true }).count()).toBe(0);

  const header = page.getByRole("columnheader", { name: "active", exact: true });
  async function toHeader() {
    const place = async () =>
      Number(
        await page.evaluate(() => document.activeElement?.closest("[aria-colindex]")?.getAttribute("aria-colindex")),
      );
    for (let steps = 0; steps < 20 && !(await hasFocus(header.getByRole("button"))); steps += 1) {
      const inHead = (await page.locator("[role=columnheader] button:focus").count()) > 0;
      const right = (await place()) < Number(await header.getAttribute("aria-colindex"));
      await press(!inHead ? "ArrowUp" : right ? "ArrowRight" : "ArrowLeft");
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    expect(await hasFocus(header.getByRole("button")), await focused(page)).toBe(true);
  }
  await tabTo(page, grid().locator("[data-cell][tabindex='0']"));
  await toHeader();
  const before = Number(await header.getAttribute("aria-colindex"));
  await press("Alt+ArrowLeft");
  await expect.poll(async () => Number(await header.getAttribute("aria-colindex"))).toBe(before - 1);
  await toHeader();
  const width = async () => (await header.boundingBox())?.width ?? 0;
  const narrow = await width();
  await press("Shift+ArrowRight");
  await expect.poll(width).toBeGreaterThan(narrow);

  await tabTo(page, page.getByRole("button", { name: "View: Unsaved" }), { back: true });
  await press("Enter");
  await page.getByRole("menu").waitFor();
  await type("save");
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Save view/);
  await press("Enter");
  const dialog = page.getByRole("dialog", { name: "Save view" });
  await dialog.waitFor();
  await type("Drafts");
  const share = dialog.getByRole("switch", { name: "Share with the other superusers" });
  if ((await share.count()) > 0) {
    await tabTo(page, share);
    await press("Space");
  }
  await tabTo(page, dialog.getByRole("button", { name: "Save view" }));
  await press("Enter");
  await page
    .getByRole("status")
    .getByText(/^View Drafts saved/)
    .waitFor();
  await page.reload();
  await status.getByText("4 of 9 records").waitFor();
  await page.getByRole("button", { name: "View: Drafts" }).waitFor();
  await expectAccessible(page, "a view by keyboard");
  await close();
});
