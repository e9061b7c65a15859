import type PocketBase from "pocketbase";
import { expect, test } from "vitest";
import { seedCategories, seedProducts } from "../fixtures/api.ts";
import { expectAccessible, shot } from "../fixtures/browser.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

stage(async () => {
  const categories = await seedCategories(pb);
  await seedProducts(pb, categories);
  await pb.collection("products").create({ title: "Oak lamp" });
  const products = await pb.collections.getOne("products");
  await pb.collections.update("products", { listRule: 'title != "" && status = "draft"' });
  await pb.collections.create({
    name: "orders",
    type: "base",
    fields: [{ name: "item", type: "relation", collectionId: products.id, maxSelect: 1 }],
    listRule: 'item.title != ""',
    viewRule: '@collection.products.title ?= "x"',
  });
  await pb.collections.create({
    name: "titles",
    type: "view",
    viewQuery: "SELECT p.id, p.title FROM products p",
  });
});

test("renaming a field mends the rules and views that name it", async () => {
  const { page, close } = await openUi("/collections/products?tab=schema");
  const fields = page.getByRole("list", { name: "Fields" });
  await fields.getByRole("textbox", { name: "Field name" }).and(page.locator("[value=title]")).fill("label");
  await page.getByRole("button", { name: "Review changes" }).click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  const references = review.getByRole("list", { name: "References" });
  await references.getByText('label != "" && status = "draft"').waitFor();
  await references.getByText('item.label != ""').waitFor();
  await references.getByText('@collection.products.label ?= "x"').waitFor();
  await references.getByText("SELECT p.id, p.label AS title FROM products p").waitFor();
  await expectAccessible(page, "references");
  await shot(page, "references");
  await references.getByRole("checkbox", { name: "Fix view rule of orders" }).waitFor();
  await review.getByRole("button", { name: "Apply changes" }).click();
  await page.getByRole("status").getByText("Collection products saved").waitFor();
  expect((await pb.collections.getOne("titles"))["viewQuery"]).toBe("SELECT p.id, p.label AS title FROM products p");
  expect((await pb.collections.getOne("products")).listRule).toBe('label != "" && status = "draft"');
  const orders = await pb.collections.getOne("orders");
  expect([orders.listRule, orders.viewRule]).toEqual(['item.label != ""', '@collection.products.label ?= "x"']);
  expect(await pb.collection("titles").getFirstListItem("")).toMatchObject({ title: "Oak lamp" });
  await close();
});

test("rules are completed and checked while they are typed", async () => {
  const { page, close } = await openUi("/collections/products?tab=rules");
  const rule = page.getByRole("group", { name: "Update rule" });
  await rule.getByRole("radio", { name: "Only if…" }).click();
  const text = rule.getByRole("textbox", { name: "Update rule expression" });
  await text.click();
  await page.keyboard.type("category = @request.auth.i");
  await page.getByRole("option", { name: /@request\.auth\.id/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  expect(await text.inputValue()).toBe("category = @request.auth.id");
  await text.fill("categry != ''");
  await rule.getByRole("button", { name: "Use category" }).click();
  expect(await text.inputValue()).toBe("category != ''");
  await expectAccessible(page, "rules");
  await page.getByRole("button", { name: "Discard" }).click();
  await close();
});

test("a sign-in service keeps its secret to itself", async () => {
  const { page, close } = await openUi("/collections/users?tab=auth");
  await page.getByRole("switch", { name: "Sign in with another service" }).click();
  await page.getByRole("button", { name: "Add service" }).click();
  await page.getByRole("dialog", { name: "Add service" }).getByLabel("Search services").fill("oidc");
  await expectAccessible(page, "services");
  await page.getByRole("list", { name: "Services" }).getByRole("button").first().click();
  const dialog = page.getByRole("dialog").last();
  await dialog.getByLabel("Client id").fill("stead");
  await dialog.getByLabel("Client secret").fill("very-secret");
  await dialog.getByLabel("Authorisation address").fill("https://id.example.com/auth");
  await dialog.getByLabel("Token address").fill("https://id.example.com/token");
  await dialog.getByLabel("User info address").fill("https://id.example.com/me");
  await expectAccessible(page, "provider");
  await shot(page, "provider");
  await dialog.getByRole("button", { name: "Set" }).click();
  await page.getByRole("list", { name: "Sign-in services" }).getByText("stead").waitFor();
  await page.getByRole("button", { name: "Review changes" }).click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  await review.getByText("Change oauth2").waitFor();
  expect(await page.getByText("very-secret").count()).toBe(0);
  await review.getByRole("button", { name: "Apply changes" }).click();
  await page.getByRole("status").getByText("Collection users saved").waitFor();
  const saved = await pb.collections.getOne("users");
  expect(saved["oauth2"]).toMatchObject({ enabled: true, providers: [{ clientId: "stead" }] });

  await page.getByRole("button", { name: /^Edit/ }).click();
  const again = page.getByRole("dialog").last();
  expect(await again.getByLabel("Client secret").inputValue()).toBe("");
  await again.getByLabel("Client id").fill("stead-2");
  await again.getByRole("button", { name: "Set" }).click();
  await page.getByRole("button", { name: "Review changes" }).click();
  await review.getByRole("button", { name: "Apply changes" }).click();
  await expect.poll(async () => (await pb.collections.getOne("users"))["oauth2"].providers[0].clientId).toBe("stead-2");
  await close();
});

test("mails are previewed and miss nothing they need", async () => {
  const { page, close } = await openUi("/collections/users?tab=auth");
  await page.getByRole("radiogroup", { name: "Template" }).getByRole("radio", { name: "Password reset" }).click();
  const body = page.getByRole("textbox", { name: "Body (HTML)" });
  await body.fill("<p>Hello</p>");
  await page.getByText("Without {TOKEN} this mail is of no use").waitFor();
  await page.getByRole("button", { name: "{TOKEN}", exact: true }).click();
  await page.getByText("Without {TOKEN} this mail is of no use").waitFor({ state: "hidden" });
  await page.frameLocator('iframe[title="Preview of the body"]').getByText("Hello").waitFor();
  await expectAccessible(page, "mail template");
  await shot(page, "template");
  await page.getByRole("button", { name: "Discard" }).click();
  await close();
});

test("everyone can be signed out", async () => {
  const email = "ada@example.com";
  await pb.collection("users").create({ email, password: "hunter2hunter2", passwordConfirm: "hunter2hunter2" });
  const app = await connectAs(email);
  const { page, close } = await openUi("/collections/users?tab=auth");
  await page.getByRole("button", { name: "Sign everyone out…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Sign everyone out" }).click();
  await page.getByRole("status").getByText("All sessions of users ended").waitFor();
  await expect(app.collection("users").authRefresh()).rejects.toMatchObject({ status: 401 });
  await close();
});

async function connectAs(email: string): Promise<PocketBase> {
  const { default: Client } = await import("pocketbase");
  const app = new Client(server.api);
  await app.collection("users").authWithPassword(email, "hunter2hunter2");
  return app;
}
