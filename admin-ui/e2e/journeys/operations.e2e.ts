import { expect, test } from "vitest";
import { offers, seedCategories, seedProducts } from "../fixtures/api.ts";
import { expectAccessible, hold, shot } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { startServer, superuser } from "../fixtures/server.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

/** A server is run from here: put back to an earlier state, its jobs, its mail, its label, and the palette that finds it all. */
const script = `cron::cron_add("nightly", "0 3 * * *", || {
    let n = 1;
    throw "the stock list is empty";
});
`;
stage(
  async () => {
    await seedProducts(pb, await seedCategories(pb));
    for (let n = 1; n <= 60; n += 1) await pb.collection("products").create({ title: `Oak lamp ${n}` });
  },
  () => startServer({ files: { "hooks/nightly.rhai": script } }),
);

test("what was deleted comes back from a backup", async (context) => {
  if (!(await offers(pb, "/api/backups"))) return context.skip();
  const { page, close } = await openUi();
  // All of them are listed, however many there are.
  for (let n = 1; n <= 12; n += 1) await pb.collections.create({ name: `shelf_${n}`, type: "base", fields: [] });
  await page.goto(`${server.ui}#/settings/backups`);
  const counting = page.waitForRequest("**/api/collections/products/records?*");
  const counted = await hold(page, "**/api/collections/products/records?*", "GET");
  await page.getByRole("button", { name: "Back up now" }).click();
  const list = page.getByRole("list", { name: "Backups" });
  await list
    .getByRole("listitem")
    .first()
    .waitFor({ timeout: patience(20_000) });
  await counting;
  expect(await page.getByRole("status").getByText("Backup made").count()).toBe(0);
  counted();
  await page.getByRole("status").getByText("Backup made").waitFor();
  const key = (await pb.backups.getFullList())[0]?.key ?? "";
  const { items } = await pb.collection("products").getList(1, 10);
  for (const item of items) await pb.collection("products").delete(item.id);
  await page.reload();
  await list.getByRole("button", { name: `Actions for ${key}` }).click();
  await page.getByRole("menuitem", { name: "Restore…" }).click();
  const dialog = page.getByRole("dialog", { name: `Restore ${key}` });
  const row = dialog.getByRole("row", { name: /products/ });
  await row.getByText("50", { exact: true }).waitFor();
  await row.getByText("60", { exact: true }).waitFor();
  await expect.poll(() => dialog.getByRole("row", { name: /^shelf_\d+ 0 0$/ }).count()).toBe(12);
  await expectAccessible(page, "restore");
  await shot(page, "restore-counts");
  await dialog.getByLabel(`Type ${key} to go on`).fill(key);
  await dialog.getByRole("button", { name: "Restore" }).click();
  await dialog.getByText("The server is back.").waitFor({ timeout: patience(60_000) });
  await dialog.getByRole("button", { name: "Reload" }).click();
  await page
    .getByRole("navigation", { name: "Main" })
    .or(page.getByRole("heading", { name: "Sign in" }))
    .waitFor();
  await pb.collection("_superusers").authWithPassword(superuser.email, superuser.password);
  expect((await pb.collection("products").getList(1, 1)).totalItems).toBe(60);
  if ((await page.getByRole("navigation", { name: "Main" }).count()) > 0) {
    await page.goto(`${server.ui}#/collections/products`);
    await page.getByRole("contentinfo", { name: "Table status" }).getByText("60 records").waitFor();
  }
  await close();
  return undefined;
});

test("jobs say how they went", async (context) => {
  if (!(await offers(pb, "/api/stead/jobs/runs"))) return context.skip();
  const { page, close } = await openUi("/jobs");
  await page.getByRole("button", { name: "Run now __pbLogsCleanup__" }).click();
  const system = page.getByRole("region", { name: "System jobs", exact: true });
  await system
    .getByText(/^Succeeded in [\d,]+ ms$/)
    .locator("visible=true")
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Run now nightly" }).click();
  const own = page.getByRole("region", { name: "Your jobs", exact: true });
  await own
    .getByText(/^Failed in/)
    .locator("visible=true")
    .first()
    .waitFor();
  await own
    .getByText(/the stock list is empty/)
    .locator("visible=true")
    .first()
    .waitFor();
  await own
    .getByText(/nightly\.rhai/)
    .locator("visible=true")
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Run now __pbLogsCleanup__" }).click();
  await system.getByText("Earlier runs").click();
  await page.getByRole("list", { name: "Earlier runs of __pbLogsCleanup__" }).getByRole("listitem").first().waitFor();
  await expectAccessible(page, "runs of jobs");
  await shot(page, "job-runs");
  await close();
  return undefined;
});

test("a mail server that is not there is named", async () => {
  const { page, close } = await openUi("/settings/mail");
  await page.getByRole("switch", { name: "Send through an SMTP server" }).click();
  await page.getByRole("textbox", { name: "Host" }).fill("127.0.0.1");
  await page.getByRole("textbox", { name: "Port" }).fill("9");
  const bar = page.getByRole("region", { name: "Unsaved settings" });
  await bar.getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").getByText("Settings saved").waitFor();
  await page.getByRole("button", { name: "Send test mail" }).click();
  await page
    .getByRole("alert")
    .getByText(/refused|connect/i)
    .first()
    .waitFor({ timeout: patience(20_000) });
  await shot(page, "mail-refused");
  await pb.settings.update({ smtp: { enabled: false } });
  await page.getByRole("switch", { name: "Send through an SMTP server" }).click();
  await bar.getByRole("button", { name: "Discard" }).click();
  await bar.waitFor({ state: "hidden" });
  await close();
});

test("a red label is everywhere, and saving asks", async () => {
  const { page, close } = await openUi("/settings/appearance");
  await page.getByRole("textbox", { name: "Label" }).fill("PRODUCTION");
  await page.getByRole("combobox", { name: "Colour" }).selectOption("red");
  await page.getByRole("button", { name: "Save label" }).click();
  const label = page.getByRole("note", { name: "Environment" });
  for (const hash of ["/overview", "/collections/products", "/access", "/logs", "/sql", "/jobs", "/settings/mail"]) {
    await page.goto(`${server.ui}#${hash}`);
    await label.getByText("PRODUCTION").waitFor();
  }
  await page.goto(`${server.ui}#/collections/categories?record=new`);
  const panel = page.getByRole("complementary", { name: "New record in categories" });
  await panel.getByRole("textbox", { name: "name", exact: true }).fill("Rugs");
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  const question = page.getByRole("alertdialog", { name: "Save record in PRODUCTION?" });
  await expectAccessible(page, "a save that asks");
  await shot(page, "environment");
  await question.getByRole("button", { name: "Cancel" }).click();
  expect((await pb.collection("categories").getList(1, 1, { filter: 'name = "Rugs"' })).totalItems).toBe(0);
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await question.getByRole("button", { name: "Save record" }).click();
  await page.getByRole("status").getByText("Record created").waitFor();
  // The playground asks before the first request that changes something, and not again.
  await page.goto(`${server.ui}#/collections/categories?tab=api`);
  const playground = page.getByRole("region", { name: "API playground" });
  await playground.getByRole("button", { name: "POST Create" }).click();
  await playground.getByRole("textbox", { name: "Body (JSON)" }).fill("{}");
  await playground.getByRole("button", { name: "Send request" }).click();
  const asked = page.getByRole("alertdialog", { name: "Send request in PRODUCTION?" });
  await asked.getByRole("button", { name: "Send request" }).click();
  const answer = page.getByRole("region", { name: "Response", exact: true });
  await answer.getByText("400", { exact: true }).waitFor();
  await playground.getByRole("textbox", { name: "Body (JSON)" }).fill('{"name":"Lampshades"}');
  await playground.getByRole("button", { name: "Send request" }).click();
  await answer.getByText("200", { exact: true }).waitFor();
  await page.goto(`${server.ui}#/settings/appearance`);
  await page.getByRole("button", { name: "Remove label" }).click();
  await label.waitFor({ state: "hidden" });
  await close();
});

test("the palette finds places, records and what the page can do", async () => {
  const { page, close } = await openUi("/collections/products?sort=title");
  await page.getByRole("grid").getByRole("link").first().waitFor();
  // Letters count from the first one on, although the palette is yet to come.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("rate lim", { delay: 0 });
  const palette = page.getByRole("dialog", { name: "Command palette" });
  const box = palette.getByRole("combobox", { name: "Search or jump" });
  const open = async (text: string) => {
    await page.keyboard.press("Control+k");
    await box.fill(text);
  };
  await palette.getByRole("option", { name: /^Limits/ }).waitFor();
  expect(await box.inputValue()).toBe("rate lim");
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "hidden" });
  await open("");
  await expectAccessible(page, "palette");
  await shot(page, "palette");
  await box.fill("rate");
  await palette.getByRole("option", { name: /^Limits/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Limits", level: 1 }).waitFor();
  await open("");
  await palette.getByRole("listbox").hover();
  await page.mouse.wheel(0, 5000);
  const firstOption = palette.getByRole("option").first();
  const inSight = () =>
    firstOption.evaluate((node) => {
      const list = node.parentElement?.getBoundingClientRect();
      return list !== undefined && node.getBoundingClientRect().top >= list.top;
    });
  await expect.poll(inSight).toBe(false);
  // What is active comes back into sight with the next letter.
  await box.press("e");
  await expect.poll(inSight).toBe(true);
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "hidden" });
  await open("theme dark");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
  await open("density compact");
  await page.keyboard.press("Enter");
  await open("products");
  await page.keyboard.press("Enter");
  const row = page.getByRole("grid").getByRole("row").nth(1);
  await expect.poll(async () => (await row.boundingBox())?.height).toBe(28);
  await open("Oak lamp 17");
  await palette.getByRole("option", { name: /^Oak lamp 17/ }).click();
  await page.getByRole("complementary", { name: "Record Oak lamp 17" }).waitFor();
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await open("new record");
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "New record in products" }).waitFor();
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await open("theme light");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset["theme"])).toBe("light");

  await page.evaluate(() => document.getElementById("content")?.focus());
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await expectAccessible(page, "shortcuts");
  await shot(page, "shortcuts");
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.goto(`${server.ui}#/settings/appearance`);
  await page.getByRole("switch", { name: "Single letters are shortcuts" }).click();
  await page.goto(`${server.ui}#/collections/products`);
  await page.getByRole("grid").getByRole("link").first().waitFor();
  await page.evaluate(() => document.getElementById("content")?.focus());
  await page.keyboard.press("n");
  await page.keyboard.press("Control+k");
  await box.waitFor();
  expect(page.url()).not.toContain("record=new");
  await close();
});

test("rules are seen and changed on one page", async () => {
  const { page, close } = await openUi("/access");
  await page.getByRole("button", { name: "List rule of categories: Superusers" }).click();
  const dialog = page.getByRole("dialog", { name: "List rule of categories" });
  await dialog.getByRole("radio", { name: "Everyone" }).click();
  await dialog.getByText("Everyone on the internet will be able to do this.").waitFor();
  await expectAccessible(page, "rule dialog");
  await shot(page, "access-rule");
  await dialog.getByRole("button", { name: "Save rule" }).click();
  await page.getByRole("button", { name: "List rule of categories: Everyone" }).waitFor();
  expect((await pb.collections.getOne("categories")).listRule).toBe("");
  await page.getByRole("radio", { name: "Public" }).click();
  expect(await page.getByRole("row", { name: /products/ }).count()).toBe(0);
  await page.getByRole("row", { name: /categories/ }).waitFor();
  await page.goto(`${server.ui}#/overview`);
  await page
    .getByRole("region", { name: "Numbers" })
    .getByRole("link", { name: /Requests in 24 h/ })
    .click();
  // PocketBase stores entries late, so a server that has just been started may not have any.
  await page
    .getByRole("grid", { name: "Log entries" })
    .or(page.getByText("No entries", { exact: true }))
    .waitFor();
  await close();
});

test("collections are kept in folders and as favourites", async () => {
  const { page, close } = await openUi("/collections/products");
  const tree = page.getByRole("tree", { name: "Collections" });
  await page.getByRole("button", { name: "Actions for products" }).click();
  await page.getByRole("menuitem", { name: "Move to folder…" }).click();
  const dialog = page.getByRole("dialog", { name: "Move products to a folder" });
  await dialog.getByLabel("Folder").fill("Shop");
  await expectAccessible(page, "folder dialog");
  await dialog.getByRole("button", { name: "Move" }).click();
  await tree.getByRole("group", { name: "Shop" }).getByRole("treeitem", { name: "products" }).waitFor();
  await page.goto(`${server.ui}#/collections/categories`);
  await page.getByRole("button", { name: "Actions for categories" }).click();
  await page.getByRole("menuitem", { name: "Add to favourites" }).click();
  await tree.getByRole("group", { name: "Favourites" }).getByRole("treeitem", { name: "categories" }).waitFor();
  await expectAccessible(page, "folders");
  await shot(page, "folders");
  await page.reload();
  await tree.getByRole("group", { name: "Favourites" }).getByRole("treeitem", { name: "categories" }).waitFor();
  await tree.getByRole("treeitem", { name: "Shop" }).click();
  await tree.getByRole("treeitem", { name: "products" }).waitFor({ state: "hidden" });
  await close();
});

test("a template is a start", async () => {
  const { page, close } = await openUi("/collections");
  await page.getByRole("button", { name: "Templates" }).click();
  const dialog = page.getByRole("dialog", { name: "Templates" });
  expect(await dialog.getByRole("button", { name: "Use Shop" }).getAttribute("aria-disabled")).toBe("true");
  await expectAccessible(page, "templates");
  await shot(page, "templates");
  await dialog.getByRole("button", { name: "Use Blog" }).click();
  await page.getByRole("heading", { name: "comments", level: 1 }).waitFor();
  const posts = await pb.collections.getOne("posts");
  expect(posts.fields.map((field) => field.name)).toContain("author");
  await close();
});
