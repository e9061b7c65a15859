import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible, shot, visit } from "../fixtures/browser.ts";
import { superuser } from "../fixtures/server.ts";
import { browser, pb, server, stage } from "../fixtures/stage.ts";

/** A session that ends while its page is open, over a collection that shows a part of itself to everybody. */
stage(async () => {
  await pb.collections.create({
    name: "products",
    type: "base",
    listRule: "status = 'published'",
    updateRule: "status = 'nobody'",
    viewRule: "",
    fields: [
      { name: "title", type: "text", presentable: true },
      { name: "stock", type: "number" },
      { name: "status", type: "text" },
    ],
  });
  for (const status of ["draft", "published", "draft"])
    await pb.collection("products").create({ title: `A ${status} lamp`, stock: 1, status });
});

/** A changed password, the same or not, ends all sessions. */
async function endSessions(): Promise<void> {
  const { email, password } = superuser;
  await pb.collection("_superusers").update(pb.authStore.record?.id ?? "", { password, passwordConfirm: password });
  await pb.collection("_superusers").authWithPassword(email, password);
}

/** Signs in by hand: a session kept from before may have ended. */
async function open(page: Page) {
  await page.goto(`${server.ui}#/login?to=${encodeURIComponent("/collections/products")}`);
  await page.getByLabel("E-mail").fill(superuser.email);
  await page.getByLabel("Password", { exact: true }).fill(superuser.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("contentinfo", { name: "Table status" }).getByText("3 records").waitFor();
  return page.getByRole("grid", { name: "products records" });
}

async function signInAgain(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.getByLabel("Password", { exact: true }).fill(superuser.password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "hidden" });
}

test("saving with a dead session asks to sign in, and says nothing of a deletion", async () => {
  const { page, close } = await visit(browser, server);
  const grid = await open(page);
  await grid.getByRole("link", { name: "A published lamp" }).click();
  const panel = page.getByRole("complementary", { name: "Record A published lamp" });
  const stock = panel.getByRole("textbox", { name: "stock", exact: true });
  await stock.fill("55");
  await endSessions();
  await stock.press("Control+s");
  await page.getByRole("dialog", { name: "Sign in again" }).waitFor();
  await expectAccessible(page, "session ended");
  await shot(page, "session-ended");
  expect(await page.getByText("This record was deleted").count()).toBe(0);
  expect(await page.getByRole("button", { name: "Create as new" }).count()).toBe(0);
  await signInAgain(page);
  expect(await stock.inputValue()).toBe("55");
  await stock.press("Control+s");
  await page.getByRole("status").getByText("Record saved").waitFor();
  await close();
});

test("a table is not read again with a dead session", async () => {
  const { page, close } = await visit(browser, server);
  await open(page);
  await endSessions();
  // Something in the background may notice first; then the dialog is before the button.
  const refreshed = page.getByRole("button", { name: "Refresh" }).click();
  const asked = page.getByRole("dialog", { name: "Sign in again" }).waitFor();
  await Promise.race([refreshed.catch(() => asked), asked]);
  await asked;
  expect(await page.getByRole("link", { name: /lamp$/, includeHidden: true }).count()).toBe(3);
  await signInAgain(page);
  await page.getByRole("contentinfo", { name: "Table status" }).getByText("3 records").waitFor();
  await close();
});

test("signing out in one tab is noticed in the others, and so is signing in again", async () => {
  const { page, close } = await visit(browser, server);
  const grid = await open(page);
  await grid.getByRole("link", { name: "A published lamp" }).click();
  const panel = page.getByRole("complementary", { name: "Record A published lamp" });
  await panel.getByRole("textbox", { name: "stock", exact: true }).fill("7");
  const other = await page.context().newPage();
  await other.goto(`${server.ui}#/overview`);
  await other.getByRole("button", { name: /^Account/ }).click();
  await other.getByRole("menuitem", { name: "Sign out" }).click();
  await other.getByRole("button", { name: "Sign in" }).waitFor();
  expect(await other.getByRole("dialog").count()).toBe(0);
  const asked = page.getByRole("dialog", { name: "Sign in again" });
  await asked.waitFor();
  await other.getByLabel("E-mail").fill(superuser.email);
  await other.getByLabel("Password", { exact: true }).fill(superuser.password);
  await other.getByRole("button", { name: "Sign in" }).click();
  await asked.waitFor({ state: "hidden" });
  expect(await panel.getByRole("textbox", { name: "stock", exact: true }).inputValue()).toBe("7");
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("status").getByText("Record saved").waitFor();
  await close();
});
