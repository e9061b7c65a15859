import { expect, test } from "vitest";
import { readFile } from "node:fs/promises";
import { seedCategories, seedProducts } from "../fixtures/api.ts";
import { expectAccessible, shot } from "../fixtures/browser.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

/** Orders of products by customers: choosing, making, following and losing what a record points at. */
let orderId = "";
const password = "hunter2hunter2";

stage(async () => {
  await seedProducts(pb, await seedCategories(pb));
  const [products, users] = await Promise.all([pb.collections.getOne("products"), pb.collections.getOne("users")]);
  await pb.collections.update("products", {
    fields: [...products.fields, { name: "owner", type: "relation", collectionId: users.id, maxSelect: 1 }],
  });
  await pb.collections.create({
    name: "orders",
    type: "base",
    fields: [
      { name: "number", type: "text", presentable: true },
      { name: "items", type: "relation", collectionId: products.id, maxSelect: 3 },
      { name: "customer", type: "relation", collectionId: users.id, maxSelect: 1, cascadeDelete: true },
      { name: "created", type: "autodate", onCreate: true },
    ],
  });
  const people: string[] = [];
  for (const name of ["ada", "bob", "cleo"])
    people.push(
      (await pb.collection("users").create({ email: `${name}@example.com`, name, password, passwordConfirm: password }))
        .id,
    );
  const made: string[] = [];
  for (let n = 1; n <= 9; n += 1)
    made.push(
      (
        await pb
          .collection("products")
          .create({ title: `Oak lamp ${n}`, price: n, status: "draft", owner: n <= 3 ? people[0] : "" })
      ).id,
    );
  for (let n = 1; n <= 7; n += 1)
    await pb.collection("orders").create({ number: `No ${n}`, items: [made[0]], customer: people[n % 2] });
  orderId = (await pb.collection("orders").create({ number: "No 8", customer: people[2] })).id;
});

test("what an order is about is searched, made, ordered and limited", async () => {
  const { page, close } = await openUi(`/collections/orders?record=${orderId}`);
  const panel = page.getByRole("complementary", { name: "Record No 8" });
  const items = panel.getByRole("combobox", { name: "items" });
  await items.fill("lamp 2");
  await page.getByRole("option", { name: /Oak lamp 2/ }).click();
  await items.fill("lamp 3");
  await page.getByRole("option", { name: /Oak lamp 3/ }).click();
  await page.keyboard.press("Escape");
  const chosen = panel.getByRole("list", { name: "Chosen for items" });
  await chosen.getByRole("button", { name: "Move Oak lamp 3 up" }).focus();
  await page.keyboard.press("Enter");
  const names = async () => (await chosen.getByRole("listitem").allTextContents()).map((text) => text.trim());
  await expect.poll(names).toEqual(["Oak lamp 3", "Oak lamp 2"]);

  await panel.getByRole("button", { name: "Create products" }).click();
  const dialog = page.getByRole("dialog", { name: "Create products" });
  await dialog.getByRole("button", { name: "Create record" }).click();
  await dialog.getByRole("alert").getByText("1 field needs attention: title").waitFor();
  await dialog.getByRole("textbox", { name: "title", exact: true }).fill("Made on the way");
  await expectAccessible(page, "a record inside a form");
  await shot(page, "nested-record");
  await dialog.getByRole("button", { name: "Create record" }).click();
  await dialog.waitFor({ state: "hidden" });
  await expect.poll(names).toEqual(["Oak lamp 3", "Oak lamp 2", "Made on the way"]);

  await items.fill("lamp 5");
  const over = page.getByRole("option", { name: /Oak lamp 5/ });
  await over.waitFor();
  expect(await over.getAttribute("aria-disabled")).toBe("true");
  expect(await over.getAttribute("title")).toBe("At most 3 records");
  await page.keyboard.press("Escape");
  await chosen.getByRole("button", { name: "Remove Oak lamp 2" }).click();
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("status").getByText("Record saved").waitFor();
  const saved = await pb.collection("orders").getOne(orderId, { expand: "items" });
  expect(saved.expand?.["items"]?.map((item: { title: string }) => item.title)).toEqual([
    "Oak lamp 3",
    "Made on the way",
  ]);
  await close();
});

test("what is gone is named, and what points at a record is found", async () => {
  const { page, close } = await openUi();
  const first = await pb.collection("products").getFirstListItem('title = "Oak lamp 1"');
  await page.goto(`${server.ui}#/collections/products?record=${first.id}`);
  const panel = page.getByRole("complementary", { name: "Record Oak lamp 1" });
  await panel.getByRole("tab", { name: "Related" }).click();
  await panel.getByRole("link", { name: /orders.*items.*7/ }).click();
  await page.getByRole("contentinfo", { name: "Table status" }).getByText("7 of 8 records").waitFor();
  await page.goBack();
  await panel.waitFor();

  // An answer without the record is what a picker gets for a target that is gone.
  await page.route("**/api/collections/*/records?*", async (route) => {
    const url = new URL(route.request().url());
    if (!/^\(*id = /.test(url.searchParams.get("filter") ?? "")) return route.continue();
    return route.fulfill({ json: { page: 1, perPage: 80, totalItems: -1, totalPages: -1, items: [] } });
  });
  await page.goto(`${server.ui}#/collections/orders?record=${orderId}`);
  const order = page.getByRole("complementary", { name: "Record No 8" });
  const chosen = order.getByRole("list", { name: "Chosen for items" });
  await chosen
    .getByText(/^missing \(\w{15}\)$/)
    .first()
    .waitFor();
  await chosen
    .getByRole("button", { name: /^Remove missing/ })
    .first()
    .waitFor();
  await close();
});

async function archived(): Promise<number> {
  return (await pb.collection("products").getList(1, 1, { filter: 'status = "archived"' })).totalItems;
}

test("a choice of rows is edited, exported and deleted with what hangs on it", async () => {
  const { page, close } = await openUi(
    `/collections/products?sort=title&filter=${encodeURIComponent('title ~ "Oak"')}`,
  );
  const grid = page.getByRole("grid", { name: "products records" });
  await grid.getByRole("checkbox", { name: "Select Oak lamp 2" }).click();
  await grid.getByRole("checkbox", { name: "Select Oak lamp 6" }).click({ modifiers: ["Shift"] });
  await grid.getByRole("link", { name: "Oak lamp 9" }).focus();
  await page.keyboard.press("Shift+Space");
  const bar = page.getByRole("region", { name: "Selection" });
  await bar.getByText("6 selected").waitFor();
  await bar.getByRole("button", { name: "Edit fields" }).click();
  const edit = page.getByRole("dialog", { name: "Edit 6 records of products" });
  await edit.getByRole("checkbox", { name: "Set status" }).click();
  await edit.getByRole("combobox", { name: "New status" }).click();
  await page.getByRole("option", { name: "archived" }).click();
  await edit.getByRole("button", { name: "Apply to 6 records" }).click();
  await page.getByRole("status").getByText("6 records updated").waitFor();
  expect(await archived()).toBe(6);
  await bar.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export products" });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Export 6 records" }).click(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  expect(lines[0]).toMatch(/^title,/);
  expect(lines).toHaveLength(7);
  await page.getByRole("region", { name: "Notifications" }).getByRole("button", { name: "Undo" }).click();
  await expect.poll(archived).toBe(0);

  await page.goto(`${server.ui}#/collections/users`);
  const users = page.getByRole("grid", { name: "users records" });
  await users.getByRole("checkbox", { name: /^Select ada/ }).click();
  await users.getByRole("checkbox", { name: /^Select bob/ }).click();
  await bar.getByRole("button", { name: "Delete" }).click();
  const question = page.getByRole("alertdialog", { name: "Delete 2 records from users?" });
  await question.getByText("7 orders will be deleted too (customer, cascade)").waitFor();
  await question.getByText("3 products lose the reference (owner)").waitFor();
  await expectAccessible(page, "a deletion with consequences");
  await shot(page, "delete-cascade");
  await question.getByRole("button", { name: "Delete 2 records" }).click();
  await page.getByRole("status").getByText("2 records deleted").waitFor();
  expect((await pb.collection("orders").getList(1, 1)).totalItems).toBe(1);
  expect((await pb.collection("products").getList(1, 1, { filter: 'owner != ""' })).totalItems).toBe(0);
  await close();
});
