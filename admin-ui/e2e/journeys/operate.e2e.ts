import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { connect, offers, seedCategories } from "../fixtures/api.ts";
import { expectAccessible, shot, signIn, visit } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { startServer, superuser } from "../fixtures/server.ts";
import { browser, openUi, pb, server, stage } from "../fixtures/stage.ts";

stage(seedCategories);

test("settings keep what is typed between sections and send only what changed", async () => {
  const { page, close } = await openUi();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Lamp shop");
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Limits" }).click();
  await page.getByRole("switch", { name: "Allow batch requests" }).click();
  await page.getByRole("textbox", { name: "Requests in one batch" }).fill("80");
  const bar = page.getByRole("region", { name: "Unsaved settings" });
  await bar.getByText("2 unsaved sections").waitFor();
  await expectAccessible(page, "limits");
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.method() === "PATCH"),
    page.keyboard.press("Control+s"),
  ]);
  expect(Object.keys(request.postDataJSON()).toSorted()).toEqual(["batch", "meta"]);
  await page.getByRole("status").getByText("Settings saved").waitFor();
  const stored = await pb.settings.getAll();
  expect(stored["meta"]).toMatchObject({ appName: "Lamp shop" });
  expect(stored["batch"]).toMatchObject({ enabled: true, maxRequests: 80 });

  await page.goto(`${server.ui}#/settings/mail`);
  await page.getByRole("switch", { name: "Send through an SMTP server" }).click();
  await page.getByRole("textbox", { name: "Host" }).fill("");
  await bar.getByRole("button", { name: "Save" }).click();
  await bar.getByRole("alert").waitFor();
  expect(await page.getByRole("textbox", { name: "Host" }).getAttribute("aria-invalid")).toBe("true");
  await shot(page, "settings-refused");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Data" }).click();
  await page
    .getByRole("alertdialog", { name: "Discard unsaved changes?" })
    .getByRole("button", { name: "Keep editing" })
    .click();
  await bar.getByRole("button", { name: "Discard" }).click();
  await bar.waitFor({ state: "hidden" });
  await close();
});

test("nobody locks themselves out by address unawares", async () => {
  const { page, close } = await openUi("/settings/network");
  await page.getByText("Your address is seen as").waitFor();
  await page.getByRole("textbox", { name: "Superusers only from" }).fill("203.0.113.0/24");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("is not included").waitFor();
  // It says so, and does not let it happen.
  const bar = page.getByRole("region", { name: "Unsaved settings" });
  await bar.getByText("saving would lock you out").waitFor();
  const save = bar.getByRole("button", { name: /^Save/ });
  expect(await save.getAttribute("aria-disabled")).toBe("true");
  await page.getByRole("textbox", { name: "Superusers only from" }).press("Control+s");
  await save.click({ force: true });
  await expectAccessible(page, "locked out");
  await shot(page, "locked-out");
  expect((await pb.settings.getAll())["superuserIPs"] ?? []).toEqual([]);
  await page.getByRole("button", { name: "Add my address" }).click();
  await page.getByRole("alert").getByText("is not included").waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Discard" }).click();
  await close();
});

test("who may not sign in from where they are is told so", async () => {
  const { page, close } = await visit(browser, server);
  await page.route("**/auth-with-password", (route) =>
    route.fulfill({
      status: 403,
      contentType: "application/json",
      body: '{"status":403,"message":"You are not allowed to perform this request.","data":{}}',
    }),
  );
  await page.goto(`${server.ui}#/login`);
  await page.getByLabel("E-mail").fill("admin@example.com");
  await page.getByLabel("Password", { exact: true }).fill("anything");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("Superusers may be limited to certain addresses").waitFor();
  await close();
});

test("superusers are added, and nobody deletes their own account", async () => {
  const { page, close } = await openUi("/settings/superusers");
  await page.getByRole("button", { name: "Add superuser" }).click();
  const dialog = page.getByRole("dialog", { name: "Add superuser" });
  await dialog.getByLabel("E-mail").fill("second@example.com");
  await dialog.getByLabel("Password").fill("short");
  await dialog.getByRole("button", { name: "Add superuser" }).click();
  await dialog.getByRole("alert").waitFor();
  await expectAccessible(page, "superuser dialog");
  await dialog.getByLabel("Password").fill("long enough words");
  await dialog.getByRole("button", { name: "Add superuser" }).click();
  const list = page.getByRole("list", { name: "Superusers" });
  await list.getByText("second@example.com").waitFor();
  await list.getByRole("button", { name: `Actions for ${superuser.email}` }).click();
  const own = page.getByRole("menuitem", { name: "Delete…" });
  expect(await own.getAttribute("aria-disabled")).toBe("true");
  expect(await own.getAttribute("title")).toBeTruthy();
  await page.keyboard.press("Escape");
  await list.getByRole("button", { name: "Actions for second@example.com" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete superuser" }).click();
  await list.getByText("second@example.com").waitFor({ state: "hidden" });
  await close();
});

test("a schema goes from one server to another, reviewed first", async () => {
  const { page, close } = await openUi("/settings/schema-sync");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: /^Download \d+ collections/ }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("schema.json");
  const exported = await readFile(await download.path(), "utf8");
  const categories = await pb.collections.getOne("categories");
  const body = [
    {
      ...categories,
      fields: [...categories.fields.filter((field) => field.name !== "name"), { name: "label", type: "text" }],
    },
    { name: "fresh", type: "base", fields: [{ name: "n", type: "number" }] },
  ];
  await page.getByRole("textbox", { name: "Schema" }).fill(JSON.stringify(body));
  await page.getByRole("button", { name: "Review import" }).click();
  const dialog = page.getByRole("dialog", { name: "Review import" });
  await dialog.getByText("1 new collection, 1 changed").waitFor();
  await dialog.getByText(/left alone/).waitFor();
  await dialog.getByRole("switch", { name: "Also delete what is missing" }).click();
  await dialog.getByText(/^Loses 0 records in \d/).waitFor();
  await dialog.getByText("Delete 1 field of categories").waitFor();
  await expectAccessible(page, "import review");
  await shot(page, "import-review");
  expect(await dialog.getByRole("button", { name: "Apply changes" }).getAttribute("aria-disabled")).toBe("true");
  await dialog.getByRole("switch", { name: "Also delete what is missing" }).click();
  await dialog.getByRole("button", { name: "Apply changes" }).click();
  await page.getByRole("status").getByText("Schema imported").waitFor();
  expect((await pb.collections.getOne("fresh")).fields.map((field) => field.name)).toContain("n");
  expect((await pb.collections.getOne("categories")).fields.map((field) => field.name)).toEqual(
    expect.arrayContaining(["name", "label"]),
  );

  // What would be deleted is listed and counted, without system collections, and asks for a word.
  await page.getByRole("textbox", { name: "Schema" }).fill('[{"name":"fresh","type":"base"}]');
  await page.getByRole("button", { name: "Review import" }).click();
  await dialog.getByText("The other 2 collections are left alone.").waitFor();
  await dialog.getByRole("switch", { name: "Also delete what is missing" }).click();
  await dialog.getByText("Loses 3 records in 2 collections").waitFor();
  const lost = dialog.getByRole("list", { name: "Data" });
  await lost.getByText("categories: 3 records").waitFor();
  expect(await lost.getByText(/_superusers|_authOrigins/).count()).toBe(0);
  const apply = dialog.getByRole("button", { name: "Apply changes" });
  expect(await apply.getAttribute("aria-disabled")).toBe("true");
  await dialog.getByLabel(/^Type (categories|users) to go on/).fill("categories");
  await dialog.getByRole("button", { name: "Back" }).click();
  expect((await pb.collections.getList()).items.map((item) => item.name)).toContain("categories");
  await close();

  // The exported file makes the same collections on another server.
  const other = await startServer();
  const there = await connect(other);
  const second = await visit(browser, other);
  await signIn(second.page, other, "/settings/schema-sync");
  await second.page.getByRole("textbox", { name: "Schema" }).fill(exported);
  await second.page.getByRole("button", { name: "Review import" }).click();
  const plan = second.page.getByRole("dialog", { name: "Review import" });
  await plan.getByRole("list", { name: "Changes" }).getByText("New collection categories").waitFor();
  await plan.getByText("No data loss").waitFor();
  await plan.getByRole("button", { name: "Apply changes" }).click();
  await second.page.getByRole("status").getByText("Schema imported").waitFor();
  const { created: _created, updated: _updated, ...made } = await there.collections.getOne("categories");
  expect(categories).toMatchObject(made);
  await second.close();
  await other.stop();
});

test("logs are filtered, opened and never show tokens", async (context) => {
  if (!(await offers(pb, "/api/logs"))) return context.skip();
  await fetch(`${server.api}/api/collections/categories/records?token=verysecret`);
  await fetch(`${server.api}/api/collections/nothing/records`);
  const { page, close } = await openUi();
  await expect
    .poll(
      async () =>
        (await pb.logs.getList(1, 1, { filter: 'data.url ~ "categories/records" && data.auth = ""' })).totalItems,
      {
        timeout: patience(10_000),
      },
    )
    .toBeGreaterThan(0);
  await page.goto(`${server.ui}#/logs`);
  const grid = page.getByRole("grid", { name: "Log entries" });
  await grid.getByRole("row", { name: /categories\/records\?token=•••/ }).click();
  await page
    .getByRole("figure", { name: "Log volume" })
    .getByText(/\d+ entr(y|ies), \d+ errors?; a bar is/)
    .waitFor();
  const detail = page.getByRole("complementary", { name: /^Log entry/ });
  await detail
    .getByText("data", { exact: true })
    .or(detail.getByText("url", { exact: true }))
    .first()
    .waitFor();
  expect(await page.getByText("verysecret").count()).toBe(0);
  await expectAccessible(page, "log detail");
  await shot(page, "log-detail");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await detail.getByRole("button", { name: "Copy JSON" }).click();
  await page.getByRole("status").getByText("JSON copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/token=•••/);
  const same = detail.getByRole("button", { name: "Same request" });
  if ((await same.count()) > 0) {
    await same.click();
    await page.getByRole("contentinfo", { name: "Log status" }).getByText("1 entry").waitFor();
  }
  await page.getByRole("combobox", { name: "Filter logs" }).fill('data.status >= 400 && data.url ~ "nothing"');
  await page.keyboard.press("Enter");
  await grid.getByRole("row", { name: /nothing\/records/ }).waitFor();
  await page.getByRole("combobox", { name: "Filter logs" }).fill("nope >= 400");
  await page.keyboard.press("Enter");
  await page
    .getByRole("alert")
    .getByText(/^Filter:/)
    .waitFor();
  await page.locator("mark", { hasText: /^nope$/ }).waitFor();
  expect(await grid.getByRole("row", { name: /nothing\/records/ }).count()).toBe(1);
  // By keys: the table of the chart narrows the time, and the address says so.
  await page.getByRole("button", { name: "Clear filter" }).first().click();
  await page.getByRole("button", { name: "Show as table" }).click();
  const table = page.getByRole("region", { name: "Log volume by time" });
  await table
    .getByRole("button", { name: /^Show only/ })
    .first()
    .focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.url()).toMatch(/from=.*to=/);
  await page.getByRole("combobox", { name: "Level" }).selectOption({ label: "Errors" });
  await expect.poll(() => page.url()).toContain("level=");
  await page.goto(`${server.ui}#/logs?filter=${encodeURIComponent('data.url ~ "categories/records?token"')}`);
  await grid
    .getByRole("row", { name: /token=•••/ })
    .first()
    .waitFor();
  await page.getByRole("button", { name: "More actions" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Export as NDJSON" }).click(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
  expect(lines).toHaveLength(await grid.getByRole("row", { name: /token=•••/ }).count());
  expect(lines.join("")).toContain("token=•••");
  expect(lines.join("")).not.toContain("verysecret");
  await close();
  return undefined;
});

test("logs are watched as they come, and cleared after a question", async (context) => {
  if (!(await offers(pb, "/api/stead/capabilities"))) return context.skip();
  const { page, close } = await openUi("/logs");
  await page.getByRole("switch", { name: "Live tail" }).click();
  await fetch(`${server.api}/api/collections/unheard-of/records`);
  await page
    .getByRole("row", { name: /unheard-of\/records/ })
    .first()
    .waitFor({ timeout: patience(15_000) });
  // Reading further down stops it, and the top starts it again.
  for (let n = 0; n < 60; n += 1) await fetch(`${server.api}/api/collections/unheard-of/records?n=${n}`);
  await page.getByRole("row", { name: /n=59/ }).waitFor({ timeout: patience(15_000) });
  const state = page.getByRole("contentinfo", { name: "Log status" });
  await page.getByRole("row", { name: /n=59/ }).focus();
  await page.keyboard.press("PageDown");
  await page.keyboard.press("PageDown");
  await state.getByText("live, paused while you read").waitFor();
  await page.keyboard.press("Home");
  await state.getByText("· live", { exact: true }).waitFor();
  await page.getByRole("switch", { name: "Live tail" }).click();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Clear all logs…" }).click();
  const question = page.getByRole("alertdialog", { name: "Clear all logs?" });
  await question.getByText(/\d+ entr(y|ies) shown/).waitFor();
  await question.getByRole("button", { name: "Clear all logs" }).click();
  await page.getByRole("status").getByText("Logs cleared").waitFor();
  await page
    .getByRole("row", { name: /unheard-of\/records/ })
    .first()
    .waitFor({ state: "hidden" });
  await close();
  return undefined;
});

test("sql reads by default and asks before it writes", async (context) => {
  if (!(await offers(pb, "/api/sql", "POST"))) return context.skip();
  const { page, close } = await openUi("/sql");
  const editor = page.getByRole("textbox", { name: "SQL editor" });
  await editor.click();
  await page.keyboard.type("select na");
  await editor.fill("select name from categories order by name; delete from categories");
  await editor.press("Home");
  await page.keyboard.press("Control+Enter");
  const result = page.getByRole("table", { name: "Query result" });
  await result.getByRole("cell", { name: "Chairs" }).waitFor();
  await page.getByText(/^3 rows in [\d.]+ ms$/).waitFor();
  await expectAccessible(page, "sql result");
  await shot(page, "sql-result");
  await editor.press("Control+End");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("alert").getByText("Read only is on").waitFor();
  await page.getByRole("switch", { name: "Read only" }).click();
  await editor.focus();
  await page.keyboard.press("Control+Enter");
  const question = page.getByRole("alertdialog", { name: "Delete 3 rows from categories?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  expect((await pb.collection("categories").getList()).totalItems).toBe(3);
  await editor.fill("SELEC 1");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("alert").locator("mark", { hasText: "SELEC" }).waitFor();
  await editor.fill("select 12345 as n");
  await page.keyboard.press("Control+Enter");
  const number = result.getByRole("cell", { name: "12345" }).or(result.getByRole("cell", { name: "12,345" }));
  await number.waitFor();
  expect(await number.evaluate((node) => getComputedStyle(node).textAlign)).toMatch(/end|right/);
  await close();
  return undefined;
});

test("queries are completed, explained, kept for all, stopped and taken away", async (context) => {
  if (!(await offers(pb, "/api/sql", "POST"))) return context.skip();
  const { page, close } = await openUi("/sql");
  const editor = page.getByRole("textbox", { name: "SQL editor" });
  await editor.fill("");
  await editor.click();
  await page.keyboard.type("select name from cat");
  await page.getByRole("option", { name: /categories/ }).click();
  expect(await editor.inputValue()).toBe("select name from categories");
  await page.keyboard.type(" where name like '%a%'");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+Enter");
  await page.getByText(/SCAN categories: reads every row/).waitFor();
  await expectAccessible(page, "query plan");
  await shot(page, "query-plan");
  await editor.focus();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("table", { name: "Query result" }).getByRole("cell", { name: "Chairs" }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: /CSV/ }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);

  const shares = await offers(pb, "/api/stead/prefs");
  await page.getByRole("button", { name: "Save query" }).click();
  const dialog = page.getByRole("dialog", { name: "Save query" });
  await dialog.getByLabel("Name").fill("Names with an a");
  if (shares) await dialog.getByRole("switch", { name: "Share with the other superusers" }).click();
  await expectAccessible(page, "save query");
  await dialog.getByRole("button", { name: "Save query" }).click();
  await page
    .getByRole("list", { name: "Saved queries" })
    .getByRole("button", { name: /^Names with an a/ })
    .waitFor();
  if (shares) {
    const other = await visit(browser, server);
    await signIn(other.page, server, "/sql");
    await other.page.getByRole("button", { name: /^Names with an a/ }).click();
    expect(await other.page.getByRole("textbox", { name: "SQL editor" }).inputValue()).toContain("like '%a%'");
    await other.close();
  }
  await editor.fill("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("button", { name: "Cancel query" }).click();
  await page.getByRole("button", { name: "Cancel query" }).waitFor({ state: "hidden", timeout: patience(5000) });
  await close();
  return undefined;
});

test("jobs are run by hand", async (context) => {
  if (!(await offers(pb, "/api/crons"))) return context.skip();
  const { page, close } = await openUi("/jobs");
  await page.getByRole("button", { name: "Run now __pbLogsCleanup__" }).click();
  // A server that keeps the outcome of runs has it told at once; of others only the start is known.
  await page
    .getByRole("status")
    .getByText(/^(Started|Running|Succeeded)/)
    .locator("visible=true")
    .first()
    .waitFor();
  await close();
  return undefined;
});

test("a backup is made, and a restore asks for its name", async (context) => {
  if (!(await offers(pb, "/api/backups"))) return context.skip();
  const { page, close } = await openUi("/settings/backups");
  await page.getByRole("button", { name: "Back up now" }).click();
  const list = page.getByRole("list", { name: "Backups" });
  await list
    .getByRole("listitem")
    .first()
    .waitFor({ timeout: patience(20_000) });
  const [backup] = await pb.backups.getFullList();
  const key = backup?.key ?? "";
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    list.getByRole("button", { name: `Download ${key}` }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(key);
  // A zip file: it begins with an entry, and its directory stands at the end.
  const zip = await readFile(await download.path());
  expect(zip.subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
  expect(zip.subarray(-22, -18).toString("latin1")).toBe("PK\u0005\u0006");
  await list.getByRole("button", { name: `Actions for ${key}` }).click();
  await page.getByRole("menuitem", { name: "Restore…" }).click();
  const dialog = page.getByRole("dialog", { name: `Restore ${key}` });
  await dialog.getByText("categories").waitFor();
  expect(await dialog.getByRole("button", { name: "Restore" }).getAttribute("aria-disabled")).toBe("true");
  await expectAccessible(page, "restore dialog");
  await shot(page, "restore");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await list.getByRole("button", { name: `Actions for ${key}` }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete backup" }).click();
  await page.getByText("No backups yet").waitFor();
  await close();
  return undefined;
});

test("opening a screen asks for nothing that is refused", async (context) => {
  if (!(await offers(pb, "/api/stead/capabilities"))) return context.skip();
  const { page, close } = await visit(browser, server);
  const refused: string[] = [];
  page.on("response", (answer) => {
    if (answer.status() >= 400) refused.push(`${answer.request().method()} ${new URL(answer.url()).pathname}`);
  });
  await signIn(page, server, "/settings/mail");
  await page.getByRole("heading", { name: "Mail", exact: true }).waitFor();
  await page.goto(`${server.ui}#/settings/storage`);
  await page.getByRole("heading", { name: "File storage" }).waitFor();
  await page.goto(`${server.ui}#/settings/backups`);
  await page.getByRole("button", { name: "Back up now" }).waitFor();
  await page.goto(`${server.ui}#/sql`);
  await page.getByRole("button", { name: "Run" }).waitFor();
  await page.goto(`${server.ui}#/collections/categories`);
  await page.getByRole("contentinfo", { name: "Table status" }).getByText("live").waitFor();
  expect(refused).toEqual([]);
  await close();
  return undefined;
});

test("what is wrong with a limit stands at its box, and only whole numbers are sent", async () => {
  const { page, close } = await openUi("/settings/limits");
  const limiting = page.getByRole("switch", { name: "Limit requests" });
  if ((await limiting.getAttribute("aria-checked")) === "false") await limiting.click();
  await page.getByRole("button", { name: "Add rule" }).click();
  const rule = page.getByRole("list", { name: "Rate limit rules" }).getByRole("group").last();
  const named = rule.getByRole("textbox", { name: /^What / });
  const requests = rule.getByRole("textbox", { name: /^Requests allowed/ });
  await named.fill("/api/odd/");
  await requests.fill("1.5");
  await page.keyboard.press("Control+s");
  const bar = page.getByRole("region", { name: "Unsaved settings" });
  await bar.getByRole("alert").getByText("“1.5” is not a whole number.").waitFor();
  expect(await requests.evaluate((node) => node === document.activeElement)).toBe(true);

  await requests.fill("0");
  await page.keyboard.press("Control+s");
  await expect.poll(() => requests.getAttribute("aria-invalid")).toBe("true");
  expect(await named.getAttribute("aria-invalid")).toBe(null);
  const told = await requests.evaluate((node) => {
    const id = node.getAttribute("aria-describedby") ?? "";
    return document.getElementById(id)?.textContent ?? "";
  });
  expect(told).toMatch(/^Requests: ./);
  const place = await page.getByRole("list", { name: "Rate limit rules" }).getByRole("group").count();
  await bar
    .getByRole("alert")
    .getByText(new RegExp(`rules ${place}, max requests`))
    .waitFor();
  await expectAccessible(page, "a wrong limit");
  await shot(page, "wrong-limit");
  await bar.getByRole("button", { name: "Discard" }).click();
  await close();
});
