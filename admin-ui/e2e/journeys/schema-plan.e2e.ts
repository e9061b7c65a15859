import { expect, test } from "vitest";
import { offers } from "../fixtures/api.ts";
import { expectAccessible, shot, signIn, visit } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { startEditable } from "../fixtures/server.ts";
import { browser, openUi, pb, server, stage } from "../fixtures/stage.ts";

let skipped = false;

const script = `on_record_create("products", |e| {
    e.record.title = e.record.title + "!";
});
`;

stage(
  async () => {
    skipped = !(await offers(pb, "/api/stead/schema/plan", "POST"));
    const products = await pb.collections.create({
      name: "products",
      type: "base",
      fields: [
        { name: "title", type: "text", presentable: true },
        { name: "manual", type: "text" },
      ],
      indexes: ["CREATE UNIQUE INDEX idx_products_title ON products (title)"],
    });
    for (let n = 0; n < 5; n += 1) await pb.collection("products").create({ title: `Lamp ${n}`, manual: `m${n}` });
    await pb.collections.create({
      name: "orders",
      type: "base",
      fields: [{ name: "item", type: "relation", collectionId: products.id, maxSelect: 1 }],
      listRule: 'item.title != ""',
    });
    const lamp = await pb.collection("products").getFirstListItem("");
    await pb.collection("orders").create({ item: lamp.id });
    await pb.collections.create({ name: "sales", type: "view", viewQuery: "SELECT p.id, p.title FROM products p" });
  },
  () => startEditable({ "hooks/titles.rhai": script }),
);

test("a rename takes everything with it, and what is lost is counted", async (context) => {
  if (skipped) return context.skip();
  const onlooker = await visit(browser, server);
  await signIn(onlooker.page, server, "/collections/products");
  await onlooker.page.getByRole("columnheader", { name: "title" }).waitFor();
  const { page, close } = await openUi("/collections/products?tab=schema");
  const fields = page.getByRole("list", { name: "Fields", exact: true });
  await fields.getByRole("group", { name: "title", exact: true }).getByLabel("Field name").fill("name");
  await fields
    .getByRole("group", { name: "manual", exact: true })
    .getByRole("button", { name: "Remove field" })
    .click();
  await page.getByRole("button", { name: "Review changes" }).click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  await review.getByText("Loses data in 1 field (5 non-empty values)").waitFor();
  await review.getByText("products.manual: 5 values").waitFor();
  const references = review.getByRole("list", { name: "References" });
  await references.getByText('item.name != ""').waitFor();
  await references.getByText("SELECT p.id, p.name AS title FROM products p").waitFor();
  await references.getByText("CREATE UNIQUE INDEX `idx_products_title` ON `products` (`name`)").waitFor();
  const ticks = references.getByRole("checkbox", { checked: true });
  for (const place of ["list rule of orders", "query of sales", "titles.rhai, line 2"])
    await references.getByRole("checkbox", { name: `Fix ${place}`, checked: true }).waitFor();
  expect(await ticks.count()).toBe(await references.getByRole("checkbox").count());
  await references.getByText('e.record.name = e.record.name + "!";').waitFor();
  await review
    .getByRole("list", { name: "API" })
    .getByText(/products\.title is name now/)
    .waitFor();
  const apply = review.getByRole("button", { name: "Apply changes" });
  expect(await apply.getAttribute("aria-disabled")).toBe("true");
  await review.getByText(/^SQL/).click();
  await review.getByRole("list", { name: "SQL" }).getByText("DROP COLUMN").first().waitFor();
  await expectAccessible(page, "plan");
  await shot(page, "plan");

  // A rule that does not follow would break: the plan says so, and how.
  await references.getByRole("checkbox", { name: "Fix list rule of orders" }).click();
  await review.getByRole("alert").getByText("1 place would no longer work").waitFor();
  await review
    .getByRole("alert")
    .getByText(/orders\.listRule: .*unknown field/)
    .waitFor();
  await references.getByRole("checkbox", { name: "Fix list rule of orders" }).click();
  await review.getByRole("alert").waitFor({ state: "hidden" });
  await review.getByRole("checkbox", { name: "I know that these values are deleted" }).click();

  // Somebody else changes the schema meanwhile: nothing is applied that was not looked at.
  await pb.collections.update("orders", { viewRule: 'item.title != "x"' });
  await apply.click();
  await review.getByRole("alert").getByText("The schema moved while you were looking.").waitFor();
  await references.getByText('item.name != "x"').waitFor();
  await shot(page, "plan-moved");
  await apply.click();
  await page.getByRole("status").getByText("Collection products saved").waitFor();
  const products = await pb.collections.getOne("products");
  expect(products.fields.map((field) => field.name)).toEqual(["id", "name"]);
  expect(products.indexes[0]).toContain("`name`");
  const orders = await pb.collections.getOne("orders");
  expect([orders.listRule, orders.viewRule]).toEqual(['item.name != ""', 'item.name != "x"']);
  expect(await pb.collection("sales").getFirstListItem('title = "Lamp 1!"')).toMatchObject({ title: "Lamp 1!" });
  const open = await fetch(`${server.api}/api/collections/orders/records`);
  expect(await open.json()).toMatchObject({ totalItems: 1 });
  // Who looks at the table meanwhile finds the new name there.
  await onlooker.page.getByRole("button", { name: "Refresh" }).click();
  await onlooker.page.getByRole("columnheader", { name: "name" }).waitFor();
  await onlooker.page.getByRole("grid").getByRole("link", { name: "Lamp 1!" }).waitFor();
  await onlooker.close();
  await expect
    .poll(async () => (await pb.collection("products").create({ name: `n${Date.now()}` }))["name"], {
      timeout: patience(10_000),
    })
    .toMatch(/!$/);
  await close();
  return undefined;
});

test("what the server refuses is shown where it is wrong", async (context) => {
  if (skipped) return context.skip();
  const { page, close } = await openUi("/collections/orders?tab=rules");
  const card = page.getByRole("group", { name: "View rule" });
  await card.getByRole("textbox", { name: "View rule expression" }).fill("nothing = 1");
  await page.getByRole("button", { name: "Review changes" }).click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  await review.getByRole("alert").getByText("It can't be applied like this.").waitFor();
  await review.getByRole("list", { name: "Problems" }).getByText("orders: viewRule: ").waitFor();
  await review.getByRole("button", { name: "Apply changes", disabled: true }).waitFor();
  await review.getByRole("button", { name: "Show in the form" }).click();
  await page.getByRole("tab", { name: /Rules/ }).getByText("1").waitFor();
  await card
    .getByText(/unknown field/)
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await close();
  return undefined;
});

test("a plan that can't be carried out names the fields, and can't be applied", async (context) => {
  if (skipped) return context.skip();
  const { page, close } = await openUi("/collections/orders?tab=schema");
  await page.getByRole("button", { name: "Add field" }).click();
  await page.getByRole("menuitem", { name: "Select" }).first().click();
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Field name");
  await page.keyboard.type("bad name");
  await page.getByRole("button", { name: "Review changes" }).click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  const problems = review.getByRole("list", { name: "Problems" });
  await problems.getByText(/^orders\.bad name, name: /).waitFor();
  expect(await problems.getByText("{").count()).toBe(0);
  expect(await review.getByText("No data loss").count()).toBe(0);
  await review.getByRole("button", { name: "Apply changes", disabled: true }).waitFor();
  await expectAccessible(page, "refused plan");
  await shot(page, "refused-plan");
  await review.getByRole("button", { name: "Show in the form" }).click();
  await page
    .getByRole("tab", { name: /Schema/ })
    .getByText("2")
    .waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await close();
  return undefined;
});
