import { test } from "vitest";
import { seedCategories } from "../fixtures/api.ts";
import { expectAccessible, shot, signIn, visit } from "../fixtures/browser.ts";
import { browser, server, stage } from "../fixtures/stage.ts";

/** Parts of the program that are gone when they are wanted: the server is down, or another version of it runs. */
stage(seedCategories);

const part = (name: string) => new RegExp(`/_/assets/${name}-[^/]*\\.js`);

test("a part that can't be loaded leaves the page as it is, and comes when asked again", async () => {
  const { page, close } = await visit(browser, server);
  await page.route(part("columns-float"), (route) => route.abort());
  await page.route(part("schema-tab"), (route) => route.abort());
  await page.route(part("jobs-page"), (route) => route.abort());
  await signIn(page, server, "/collections/categories");
  const grid = page.getByRole("grid", { name: "categories records" });
  const cell = grid.getByRole("row").nth(1).getByRole("gridcell").nth(1);
  await grid.getByRole("link", { name: "Lamps" }).waitFor();
  await cell.dblclick();
  await page.keyboard.type("Lanterns");
  await page.keyboard.press("Enter");
  const changes = page.getByRole("region", { name: "Pending changes" });
  await changes.waitFor();
  await page.getByRole("button", { name: "Columns" }).click();
  const said = page.getByRole("alert").filter({ hasText: "This part could not be loaded." });
  await said.waitFor();
  await expectAccessible(page, "a part is missing");
  await shot(page, "missing-part");
  await grid.getByRole("link", { name: "Tables" }).waitFor();
  await changes.waitFor();
  await page.unroute(part("columns-float"));
  await said.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("dialog", { name: "Columns" }).waitFor();
  await said.waitFor({ state: "hidden" });
  await page.keyboard.press("Escape");
  await changes.getByRole("button", { name: "Discard" }).click();

  await page.getByRole("tab", { name: "Schema" }).click();
  await said.waitFor();
  await page.getByRole("tab", { name: "Schema", selected: true }).waitFor();
  await page.unroute(part("schema-tab"));
  await said.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("list", { name: "Fields" }).waitFor();

  await page.getByRole("link", { name: "Jobs" }).click();
  await said.waitFor();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  await page.unroute(part("jobs-page"));
  await said.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "System jobs" }).waitFor();
  await close();
});

test("a server that is down and one that was updated are told apart", async () => {
  const { page, close } = await visit(browser, server, { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  await page.route(part("logs-page"), (route) => route.abort());
  await signIn(page, server, "/collections/categories");
  await page.getByRole("link", { name: "Lamps" }).waitFor();
  // As it is when nothing answers at all.
  await page.context().setOffline(true);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Logs" }).click();
  await page.getByRole("alert").getByText("the server can't be reached").waitFor();
  await shot(page, "missing-part-offline");
  // The page of another version names another program.
  await page.route("**/_/", async (route) => {
    const body = (await (await route.fetch()).text()).replaceAll("assets/index-", "assets/other-");
    await route.fulfill({ contentType: "text/html", body });
  });
  // It is asked for until it answers.
  await page.context().setOffline(false);
  await page.getByRole("alert").getByText("A new version is installed.").waitFor();
  await expectAccessible(page, "updated");
  await shot(page, "missing-part-updated");
  await page.unroute("**/_/");
  await page.unroute(part("logs-page"));
  await page.getByRole("alert").getByRole("button", { name: "Reload" }).click();
  await page.getByRole("heading", { name: "Logs" }).waitFor();
  await close();
});
