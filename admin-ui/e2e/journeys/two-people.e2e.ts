import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { offers } from "../fixtures/api.ts";
import { expectAccessible, hold, shot, signIn, visit } from "../fixtures/browser.ts";
import { browser, openUi, pb, server, stage } from "../fixtures/stage.ts";

/** One works in the interface while somebody else, or a script, changes the same thing. */
stage();

beforeEach(async () => {
  const known = await pb.collections.getFullList();
  for (const { id } of known.filter(({ name }) => name === "shelves")) await pb.collections.delete(id);
  await pb.collections.create({
    name: "shelves",
    type: "base",
    fields: [
      { name: "title", type: "text" },
      { name: "price", type: "number" },
    ],
  });
});

const stored = () => pb.collections.getOne("shelves");
const namesOf = (collection: { fields: { name: string }[] }) => collection.fields.map(({ name }) => name);

async function elsewhere(change: (field: Record<string, unknown>) => Record<string, unknown>, more: object[] = []) {
  const { fields } = await stored();
  await pb.collections.update("shelves", { fields: [...fields.map(change), ...more] });
}

async function openSchema(page: Page) {
  await signIn(page, server, "/collections/shelves?tab=schema");
  const fields = page.getByRole("list", { name: "Fields", exact: true });
  await fields.getByRole("group", { name: "title", exact: true }).waitFor();
  return fields;
}

test("fields and options that others changed stay when one's own are applied", async () => {
  const { page, close } = await visit(browser, server);
  const fields = await openSchema(page);
  await page.getByRole("button", { name: "Add field" }).click();
  await page.getByRole("menuitem", { name: /^Text/ }).click();
  await fields.getByRole("group", { name: "text", exact: true }).getByLabel("Field name").fill("fromA");
  await fields.getByRole("group", { name: "price", exact: true }).getByLabel("Options for price").click();
  await fields.getByRole("group", { name: "price", exact: true }).getByLabel("Help").fill("In euro.");
  await elsewhere(
    (field) => (field["name"] === "title" ? { ...field, max: 77 } : field),
    [{ name: "fromB", type: "text" }],
  );
  await page.getByRole("button", { name: "Review changes" }).click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  const theirs = review.getByRole("list", { name: "Changed elsewhere" });
  await theirs.getByText("Add field fromB").waitFor();
  await theirs.getByText(/Change max of title/).waitFor();
  await review.getByRole("list", { name: "Changes" }).getByText("Add field fromA").waitFor();
  await shot(page, "schema-changed-elsewhere");
  await expectAccessible(page, "review with changes of others");
  await review.getByRole("button", { name: "Apply changes" }).click();
  await review.waitFor({ state: "detached" });
  const now = await stored();
  expect(namesOf(now)).toEqual(expect.arrayContaining(["id", "title", "price", "fromA", "fromB"]));
  expect(now.fields.find(({ name }) => name === "title")?.["max"]).toBe(77);
  expect(now.fields.find(({ name }) => name === "price")?.["help"]).toBe("In euro.");
  await close();
});

test("what changes while the review is open is taken in before anything is applied", async (context) => {
  if (!(await offers(pb, "/api/stead/schema/plan", "POST"))) return context.skip();
  const { page, close } = await visit(browser, server);
  const fields = await openSchema(page);
  await fields.getByRole("group", { name: "title", exact: true }).getByLabel("Field name").fill("name");
  await page.getByRole("button", { name: "Review changes" }).click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  const apply = review.getByRole("button", { name: "Apply changes" });
  await review.getByText("No data loss").waitFor();
  await elsewhere((field) => field, [{ name: "fromB", type: "text" }]);
  await apply.click();
  await review.getByText(/The schema moved while you were looking/).waitFor();
  await review.getByRole("list", { name: "Changed elsewhere" }).getByText("Add field fromB").waitFor();
  await expect.poll(() => apply.getAttribute("aria-busy")).toBeNull();
  await apply.click();
  await review.waitFor({ state: "detached" });
  expect(namesOf(await stored())).toEqual(["id", "name", "price", "fromB"]);
  await close();
});

test("what both changed is asked about", async () => {
  const { page, close } = await visit(browser, server);
  const fields = await openSchema(page);
  await fields.getByRole("group", { name: "title", exact: true }).getByLabel("Field name").fill("mine");
  await elsewhere((field) => (field["name"] === "title" ? { ...field, name: "theirs" } : field));
  await page.getByRole("button", { name: "Review changes" }).click();
  const question = page.getByRole("dialog", { name: "Resolve conflict" });
  await question.getByRole("heading", { name: "name of the field mine" }).waitFor();
  await shot(page, "schema-conflict");
  await expectAccessible(page, "conflict in the schema");
  await question.getByRole("radio", { name: "Theirs" }).click();
  await question.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("dialog", { name: "Review schema changes" }).waitFor();
  await page.getByRole("button", { name: "Back" }).click();
  await fields.getByRole("group", { name: "theirs", exact: true }).waitFor();
  await close();
});

test("settings of one section that somebody else saved stay", async () => {
  await pb.settings.update({ meta: { appName: "Before", senderName: "Before" } });
  const { page, close } = await openUi("/settings/mail");
  await page.getByLabel("Sender name").fill("Mine");
  await pb.settings.update({ meta: { appName: "Theirs" } });
  await page.getByRole("button", { name: /^Save/ }).click();
  await page.getByText("Settings saved").waitFor();
  expect((await pb.settings.getAll())["meta"]).toMatchObject({ appName: "Theirs", senderName: "Mine" });
  await page.getByLabel("Sender name").fill("Mine again");
  await pb.settings.update({ meta: { senderName: "Theirs" } });
  await page.getByRole("button", { name: /^Save/ }).click();
  const question = page.getByRole("dialog", { name: "Resolve conflict" });
  await question.getByRole("heading", { name: "mail: sender name" }).waitFor();
  await shot(page, "settings-conflict");
  await question.getByRole("radio", { name: "Yours" }).click();
  await question.getByRole("button", { name: "Save merged" }).click();
  await question.waitFor({ state: "detached" });
  await expect.poll(async () => (await pb.settings.getAll())["meta"]).toMatchObject({ senderName: "Mine again" });
  await close();
});

test("what is typed while settings are being saved stays", async () => {
  const { page, close } = await openUi("/settings/application");
  const name = page.getByLabel("Name", { exact: true });
  const answer = await hold(page, "**/api/settings", "PATCH");
  await name.fill("First");
  const sent = page.waitForRequest((request) => request.method() === "PATCH");
  await page.keyboard.press("Control+s");
  await sent;
  await name.pressSequentially(" and more");
  answer();
  await page.getByText("Settings saved").waitFor();
  expect(await name.inputValue()).toBe("First and more");
  expect((await pb.settings.getAll())["meta"]).toMatchObject({ appName: "First" });
  await page.getByRole("button", { name: "Discard" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => name.inputValue()).toBe("First");
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
  await close();
});

async function save(page: Page, name: string) {
  await page.getByRole("textbox", { name: "SQL editor" }).fill(`SELECT '${name}'`);
  await page.getByRole("button", { name: "Save query" }).click();
  const dialog = page.getByRole("dialog", { name: "Save query" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("switch", { name: "Share with the other superusers" }).click();
  await dialog.getByRole("button", { name: "Save query" }).click();
  await page.getByText(`Query ${name} saved`).waitFor();
}

/** The names of the queries that everybody has. */
async function shared(): Promise<string[]> {
  const { shared: kept } = await pb.send("/api/stead/prefs", { method: "GET" });
  return (kept["sql.queries"] ?? []).map((query: { name: string }) => query.name);
}

test("queries that two people share are both there, and one goes only when that is meant", async (context) => {
  if (!(await offers(pb, "/api/stead/prefs"))) return context.skip();
  const [a, b] = [await visit(browser, server), await visit(browser, server)];
  for (const { page } of [a, b]) {
    await signIn(page, server, "/sql");
    await page.getByRole("textbox", { name: "SQL editor" }).waitFor();
  }
  await save(a.page, "fromA");
  await save(b.page, "fromB");
  expect(await shared()).toEqual(["fromA", "fromB"]);
  await b.page.getByRole("button", { name: "Delete query fromA" }).click();
  const question = b.page.getByRole("alertdialog", { name: "Delete query fromA?" });
  await question.getByText("no superuser has it any longer").waitFor();
  await question.getByRole("button", { name: "Delete query" }).click();
  await expect.poll(shared).toEqual(["fromB"]);
  await b.page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(shared).toEqual(["fromB", "fromA"]);
  await Promise.all([a.close(), b.close()]);
});

test("what everybody shares is kept although the page is left right after", async (context) => {
  if (!(await offers(pb, "/api/stead/prefs"))) return context.skip();
  const { page, close } = await openUi("/sql");
  await page.getByRole("textbox", { name: "SQL editor" }).fill("SELECT 'leaving'");
  const before = await shared();
  await page.getByRole("button", { name: "Save query" }).click();
  const dialog = page.getByRole("dialog", { name: "Save query" });
  await dialog.getByLabel("Name").fill("leaving");
  await dialog.getByRole("switch", { name: "Share with the other superusers" }).click();
  // What others have left meanwhile is asked for first, and the answer takes its time.
  const release = await hold(page, "**/api/stead/prefs", "GET");
  const asked = page.waitForRequest((request) => request.url().endsWith("/api/stead/prefs"));
  await dialog.getByRole("button", { name: "Save query" }).click();
  await asked;
  await page.goto("about:blank");
  await expect.poll(shared).toEqual([...before, "leaving"]);
  release();
  await close();
});
