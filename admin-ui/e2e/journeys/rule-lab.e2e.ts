import PocketBase from "pocketbase";
import { expect, test } from "vitest";
import { offers } from "../fixtures/api.ts";
import { expectAccessible, shot } from "../fixtures/browser.ts";
import { hasFocus } from "../fixtures/keyboard.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

let hers = "";
let skipped = false;
const password = "hunter2hunter2";
const rule = "owner = @request.auth.id && @request.body.owner:isset = false";

stage(async () => {
  skipped = !(await offers(pb, "/api/stead/rules/check", "POST"));
  const users = await pb.collections.getOne("users");
  const ada = await pb.collection("users").create({
    email: "ada@example.com",
    name: "Ada",
    emailVisibility: true,
    password,
    passwordConfirm: password,
  });
  // A record without an owner belongs to everybody who has no id either: guests.
  const bob = await pb.collection("users").create({ email: "bob@example.com", password, passwordConfirm: password });
  await pb.collections.create({
    name: "products",
    type: "base",
    fields: [
      { name: "title", type: "text", presentable: true },
      { name: "price", type: "number" },
      { name: "owner", type: "relation", collectionId: users.id, maxSelect: 1 },
    ],
    viewRule: "",
    updateRule: null,
  });
  hers = (await pb.collection("products").create({ title: "Oak lamp", price: 1, owner: ada.id })).id;
  await pb.collection("products").create({ title: "Walnut desk", price: 2, owner: bob.id });
});

/** What a client gets who sends this. */
async function send(as: "guest" | "ada", body: object): Promise<number> {
  const client = new PocketBase(server.api);
  if (as === "ada") await client.collection("users").authWithPassword("ada@example.com", password);
  const answer = await fetch(`${server.api}/api/collections/products/records/${hers}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/json", Authorization: client.authStore.token },
    body: JSON.stringify(body),
  });
  return answer.status;
}

test("a rule is written, explained, tested and saved, and does what the lab said", async (context) => {
  if (skipped) return context.skip();
  const { page, close } = await openUi("/collections/products?tab=rules");
  const card = page.getByRole("group", { name: "Update rule" });
  await card.getByRole("radio", { name: "Only if…" }).click();
  const text = card.getByRole("textbox", { name: "Update rule expression" });
  await text.click();
  await page.keyboard.type("owner = @request.auth.i");
  await page.getByRole("option", { name: /@request\.auth\.id/ }).click();
  expect(await text.inputValue()).toBe("owner = @request.auth.id");
  await page.keyboard.type(" && @request.body.owner:isset = fals");
  await page.keyboard.press("Escape");
  await card.getByRole("button", { name: "Use false" }).click();
  expect(await text.inputValue()).toBe(rule);
  await card
    .getByText("Only if the record's owner is the signed-in user, and the request does not set owner.")
    .waitFor();
  await card.getByText("2 conditions").waitFor();

  await card.getByRole("button", { name: "Test update" }).click();
  const lab = card.getByRole("region", { name: "Test update rule" });
  const choose = async (name: string, typed: string) => {
    const box = lab.getByRole("combobox", { name, exact: true });
    await box.fill(typed);
    await page.getByRole("option", { name: new RegExp(typed) }).click();
  };
  await choose("Record", "Oak lamp");
  const verdict = async (body: string) => {
    await lab.getByRole("textbox", { name: "Request body" }).fill(body);
    await page.keyboard.press("Control+Enter");
    await lab.getByRole("button", { name: "Run test" }).and(page.locator(":not([aria-busy])")).waitFor();
  };
  const tree = lab.getByRole("tree", { name: "Decision" });
  const status = lab.getByRole("status");
  await verdict("");
  await status.getByText("client gets 404").waitFor();
  await tree
    .getByRole("treeitem", { name: /false owner = @request\.auth\.id/ })
    .last()
    .waitFor();
  await lab.getByRole("combobox", { name: "Act as" }).selectOption("users");
  await choose("Who", "Ada");
  await verdict('{"owner":"x"}');
  await status.getByText("Denied").waitFor();
  await tree
    .getByRole("treeitem", { name: /false @request\.body\.owner:isset/ })
    .last()
    .waitFor();
  await tree
    .getByRole("treeitem", { name: /true owner = / })
    .last()
    .waitFor();
  await verdict('{"price":5}');
  await status.getByText("Allowed").waitFor();
  await status.getByText("client gets 200").waitFor();
  const reach = card.getByRole("list", { name: "Who gets through" });
  await reach.getByText("guest").waitFor();
  await reach.getByText("0 of 2").waitFor();
  await reach.getByText("1 of 2").first().waitFor();
  await expectAccessible(page, "rule lab");
  await shot(page, "rule-lab");

  await lab.getByRole("button", { name: "Save as test" }).click();
  const naming = page.getByRole("dialog", { name: "Save as test" });
  await naming.getByLabel("Name").fill("Ada changes what is hers");
  await naming.getByRole("button", { name: "Save test" }).click();
  const tests = page.getByRole("list", { name: "Saved tests" });
  await tests.getByText("Ada changes what is hers").waitFor();

  // What opens up is said before it is saved.
  await page.getByRole("group", { name: "List rule" }).getByRole("radio", { name: "Everyone" }).click();
  await page.getByRole("button", { name: "Review changes" }).click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  await review
    .getByRole("list", { name: "Wider access" })
    .getByText(/Guests will be able to list 2 records/)
    .waitFor();
  // The test that was saved just now holds with the rule that is about to be saved.
  await review.getByText("No data loss").waitFor();
  expect(await review.getByRole("list", { name: "Failing tests" }).count()).toBe(0);
  await expectAccessible(page, "wider access");
  await shot(page, "wider-access");
  await review.getByRole("button", { name: "Apply changes" }).click();
  await page.getByRole("status").getByText("Collection products saved").waitFor();
  expect((await pb.collections.getOne("products")).updateRule).toBe(rule);
  expect([await send("guest", {}), await send("ada", { owner: "x" })]).toEqual([404, 404]);
  expect(await send("ada", { price: 9 })).toBe(200);
  expect((await new PocketBase(server.api).collection("products").getList()).totalItems).toBe(2);
  await page.getByRole("button", { name: "Run saved tests" }).click();
  await tests.getByText("passed").waitFor();

  // A rule that a saved test would fail with says so, too.
  await text.fill("price = -1");
  await page.getByRole("button", { name: "Review changes" }).click();
  await review
    .getByRole("list", { name: "Failing tests" })
    .getByText(/Ada changes what is hers/)
    .waitFor();
  await review.getByRole("button", { name: "Back" }).click();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.goto(`${server.ui}#/access`);
  await page.getByRole("button", { name: "List rule of products: Everyone" }).waitFor();
  await page.getByRole("button", { name: `Update rule of products: only if ${rule}` }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Test it" }).click();
  await page.getByRole("region", { name: "Test update rule" }).waitFor();
  await close();
  return undefined;
});

test("a denied request in the log is explained", async (context) => {
  if (skipped) return context.skip();
  expect(await send("guest", { price: 3 })).toBe(404);
  const { page, close } = await openUi();
  await page.goto(`${server.ui}#/logs?filter=${encodeURIComponent(`data.method = "PATCH" && data.auth = ""`)}`);
  await page
    .getByRole("row", { name: new RegExp(`PATCH.*${hers}`) })
    .first()
    .click();
  await page.getByRole("link", { name: "Explain denial" }).click();
  const lab = page.getByRole("region", { name: "Test update rule" });
  expect(await lab.getByRole("combobox", { name: "Act as" }).inputValue()).toBe("guest");
  await expect.poll(() => lab.getByRole("combobox", { name: "Record", exact: true }).inputValue()).toBe("Oak lamp");
  await lab.getByRole("button", { name: "Run test" }).click();
  await lab.getByRole("status").getByText("client gets 404").waitFor();
  await lab.getByRole("tree", { name: "Decision" }).waitFor();

  // The same question can be put to another rule.
  await lab.getByRole("textbox", { name: "Request body" }).fill('{"price":3}');
  await lab.getByRole("combobox", { name: "Action" }).selectOption("view");
  const view = page.getByRole("region", { name: "Test view rule" });
  expect(await hasFocus(view.getByRole("combobox", { name: "Action" }))).toBe(true);
  await lab.waitFor({ state: "hidden" });
  await expect.poll(() => view.getByRole("combobox", { name: "Record", exact: true }).inputValue()).toBe("Oak lamp");
  await view.getByRole("button", { name: "Run test" }).click();
  await view.getByRole("status").getByText("client gets 200").waitFor();
  await expectAccessible(page, "question from elsewhere");
  await shot(page, "rule-lab-asked");

  // What is wanted again and again is a choice, and goes to other actions.
  const more = page.getByRole("button", { name: "More for the delete rule" });
  const written = (title: string) => page.getByRole("textbox", { name: `${title} rule expression` }).inputValue();
  await more.click();
  await page.getByRole("menuitem", { name: "Who is owner" }).click();
  await expect.poll(() => written("Delete")).toBe("owner = @request.auth.id");
  await more.click();
  await expectAccessible(page, "more for a rule");
  await shot(page, "rule-menu");
  await page.getByRole("menuitem", { name: "Create" }).click();
  await expect.poll(() => written("Create")).toBe("owner = @request.auth.id");
  await page.getByRole("button", { name: "Discard" }).click();
  await close();
  return undefined;
});
