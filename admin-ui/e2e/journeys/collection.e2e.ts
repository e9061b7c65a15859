import { expect, test } from "vitest";
import { seedCategories } from "../fixtures/api.ts";
import { expectAccessible, shot } from "../fixtures/browser.ts";
import { openUi, pb, stage } from "../fixtures/stage.ts";

stage(seedCategories);

test("a collection is made, used, changed and deleted", async () => {
  const { page, close } = await openUi();
  await page.getByRole("button", { name: "New collection" }).click();

  const name = page.getByLabel("Name", { exact: true });
  await name.fill("2bad name!");
  await page.getByText("Only letters, digits and _ are allowed.").waitFor();
  await name.fill("users");
  await page.getByText("There already is a users.").waitFor();
  await name.fill("articles");

  const fields = page.getByRole("list", { name: "Fields", exact: true });
  async function add(type: string, fieldName: string) {
    await page.getByRole("button", { name: "Add field" }).click();
    await page.getByRole("menuitem", { name: type }).first().click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Field name");
    await page.keyboard.type(fieldName);
    return fields.getByRole("group", { name: fieldName, exact: true });
  }
  const title = await add("Text", "title");
  await title.getByRole("switch", { name: "Required" }).click();
  await title.getByRole("switch", { name: "Presentable" }).click();
  await title.getByRole("switch", { name: "Unique" }).click();
  const status = await add("Select", "status");
  await status.getByLabel("Choices").fill("draft,live,");
  const category = await add("Relation", "category");
  await category.getByLabel("Collection").selectOption("categories");
  await add("File", "cover");
  await add("Number", "views");
  await page.keyboard.press("Alt+ArrowUp");
  await page.keyboard.press("Alt+ArrowUp");
  await page.keyboard.press("Alt+ArrowUp");
  await expectAccessible(page, "new collection");
  await shot(page, "new-collection");

  await page.getByRole("tab", { name: "Rules" }).click();
  await page.getByRole("group", { name: "List rule" }).getByRole("radio", { name: "Everyone" }).click();
  await page.getByRole("group", { name: "Update rule" }).getByRole("radio", { name: "Only if…" }).click();
  await page.getByRole("textbox", { name: "Update rule expression" }).fill("owner = 1");

  await page.getByRole("button", { name: "Review changes" }).click();
  // A server that plans knows before it is asked to; another one says so then.
  const refused = page.getByRole("dialog", { name: "Review schema changes" });
  await refused.getByText("No data loss").or(refused.getByText("It can't be applied like this.")).waitFor();
  await expectAccessible(page, "review dialog");
  const shown = refused.getByRole("button", { name: "Show in the form" });
  await ((await shown.count()) > 0 ? shown : refused.getByRole("button", { name: "Apply changes" })).click();
  await page.getByRole("tab", { name: /Rules/ }).getByText("1").waitFor();
  await page.getByRole("textbox", { name: "Update rule expression" }).fill('status = "draft"');
  await page.getByRole("button", { name: "Review changes" }).click();
  await page.getByRole("button", { name: "Apply changes" }).click();

  await page.getByText("No records yet").waitFor();
  expect(await page.getByRole("treeitem", { name: "articles" }).getAttribute("aria-selected")).toBe("true");
  await expectAccessible(page, "empty collection");
  const made = await pb.collections.getOne("articles");
  expect(made.fields.map((field) => field.name)).toEqual([
    "id",
    "title",
    "views",
    "status",
    "category",
    "cover",
    "created",
    "updated",
  ]);
  expect(made.indexes.filter((sql) => /unique/i.test(sql) && sql.includes("title"))).toHaveLength(1);
  expect([made.listRule, made.createRule, made.updateRule]).toEqual(["", null, 'status = "draft"']);

  await pb.collection("articles").create({ title: "One", views: 5 });
  await page.getByRole("tab", { name: "Schema" }).click();
  await fields.getByRole("group", { name: "title", exact: true }).getByLabel("Field name").fill("headline");
  await fields.getByRole("group", { name: "views", exact: true }).getByRole("button", { name: "Remove field" }).click();
  await page
    .getByRole("region", { name: "Pending schema changes" })
    .getByRole("button", { name: "Review changes" })
    .click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  await review.getByText("Rename field title to headline").waitFor();
  await review.getByText("Loses data in 1 field (1 non-empty values)").waitFor();
  expect(await review.getByRole("button", { name: "Apply changes" }).getAttribute("aria-disabled")).toBe("true");
  await review.getByRole("checkbox", { name: "I know that these values are deleted" }).click();
  await review.getByRole("button", { name: "Apply changes" }).click();
  await page.getByRole("status").getByText("Collection articles saved").waitFor();
  const changed = await pb.collections.getOne("articles");
  expect(changed.fields.map((field) => field.name)).not.toContain("views");
  expect(changed.indexes.some((sql) => sql.includes("headline"))).toBe(true);

  await page.getByRole("button", { name: "Actions for articles" }).click();
  await page.getByRole("menuitem", { name: "Delete collection…" }).click();
  const question = page.getByRole("alertdialog", { name: "Delete collection articles?" });
  await question.getByRole("textbox").fill("articles");
  await expectAccessible(page, "delete collection");
  await question.getByRole("button", { name: "Delete collection" }).click();
  await page.getByRole("heading", { name: "Collections", level: 1 }).waitFor();
  await expect(pb.collections.getOne("articles")).rejects.toThrow();
  await close();
});

test("a view shows its rows while its query is written", async () => {
  const { page, close } = await openUi("/new-collection");
  await page.getByRole("radio", { name: "View" }).click();
  await page.getByLabel("Name", { exact: true }).fill("category_names");
  await page.getByLabel("Select query").fill("select id from");
  await page
    .getByText(/Invalid view query|invalid|error/i)
    .first()
    .waitFor();
  await page.getByLabel("Select query").fill("select id, name from categories");
  await page.getByRole("region", { name: "Sample rows" }).getByText("Lamps").waitFor();
  await expectAccessible(page, "view query");
  await shot(page, "view-query");
  await page.getByRole("button", { name: "Review changes" }).click();
  await page.getByRole("button", { name: "Apply changes" }).click();
  await page.getByRole("grid", { name: "category_names records" }).getByText("Tables").first().waitFor();
  await page.getByText("View collection: read-only").waitFor();
  await close();
});

test("an auth collection has its options", async () => {
  const { page, close } = await openUi("/collections/users?tab=auth");
  await page.getByRole("switch", { name: "Sign in with a code sent by e-mail" }).click();
  await page.getByLabel("Length of the code").fill("6");
  await expectAccessible(page, "auth options");
  await shot(page, "auth");
  await page.getByRole("button", { name: "Review changes" }).click();
  await page.getByRole("button", { name: "Apply changes" }).click();
  await page.getByRole("status").getByText("Collection users saved").waitFor();
  const methods = await pb.collection("users").listAuthMethods();
  expect(methods.otp.enabled).toBe(true);
  await close();
});
