import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { seedCategories } from "../fixtures/api.ts";
import { expectAccessible, shot, signIn, visit } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { browser, openUi, server, stage } from "../fixtures/stage.ts";

stage(seedCategories);

test("a lost connection keeps the rows and offers to try again", async () => {
  const { page, close } = await openUi("/collections/categories");
  const grid = page.getByRole("grid", { name: "categories records" });
  await grid.getByRole("link", { name: "Lamps" }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("alert").getByText("The server can't be reached.").waitFor();
  expect(await grid.getByRole("link").count()).toBe(3);
  await expectAccessible(page, "offline");
  await shot(page, "offline");
  await page.getByRole("button", { name: "Retry" }).click();
  await page.context().setOffline(false);
  const said = page.getByRole("alert").getByText("The server can't be reached.");
  await expect.poll(() => said.count(), { timeout: patience(40_000) }).toBe(0);
  await close();
});

test("a server error says what the server said", async () => {
  const { page, close } = await openUi();
  await page.route("**/api/collections/categories/records?*", (route) =>
    route.fulfill({
      status: 500,
      contentType: "application/json",
      headers: { "x-request-id": "abc123" },
      body: '{"status":500,"message":"The disk is full.","data":{}}',
    }),
  );
  await page.goto(`${server.ui}#/collections/categories`);
  await page.getByRole("alert").getByText("The disk is full.").waitFor();
  const said = page.getByRole("alert").getByRole("link", { name: "Request abc123 in the log" });
  expect(decodeURIComponent((await said.getAttribute("href")) ?? "")).toContain('data.requestId = "abc123"');
  await page.unroute("**/api/collections/categories/records?*");
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByRole("grid").getByRole("link", { name: "Lamps" }).waitFor();
  await close();
});

test("a session outlives an answer that ends early", async () => {
  const { page, close } = await visit(browser, server);
  await page.route("**/auth-refresh", (route) =>
    route.fulfill({ status: 200, contentType: "application/json", body: '{"token":"ey' }),
  );
  // Each page asks once, after it is drawn: the next one is opened only when the answer has been read.
  for (const open of [() => signIn(page, server), () => page.reload(), () => page.reload()]) {
    await Promise.all([
      page.waitForEvent("requestfinished", (request) => request.url().endsWith("/auth-refresh")),
      open(),
    ]);
    await page.getByRole("navigation", { name: "Main" }).waitFor();
  }
  expect(await page.getByRole("heading", { name: "Sign in" }).count()).toBe(0);
  await close();
});

test("an address that changes while the page starts is followed", async () => {
  const { page, close } = await openUi("/collections/categories");
  await page.getByRole("grid").getByRole("link", { name: "Lamps" }).waitFor();
  for (const [hash, heading] of [
    ["/logs", "Logs"],
    ["/settings/mail", "Mail"],
  ] as const) {
    await page.reload();
    await page.goto(`${server.ui}#${hash}`);
    await page.getByRole("main").getByRole("heading", { name: heading }).first().waitFor();
  }
  await close();
});

test("addresses that lead nowhere say so", async () => {
  const { page, close } = await openUi("/collections/nothing");
  await page.getByRole("heading", { name: "There is no collection nothing" }).waitFor();
  await page.goto(`${server.ui}#/collections/categories?record=nothing`);
  await page.getByRole("heading", { name: "This record can't be opened" }).waitFor();
  await page.goto(`${server.ui}#/no/such/page`);
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  await page.goto(`${server.ui}#/collections?collection=categories&sort=name`);
  await page.getByRole("grid", { name: "categories records" }).waitFor();
  expect(page.url()).toContain("#/collections/categories?sort=name");
  await close();
});

const heading = (name: string) => (page: Page) => page.getByRole("heading", { name, exact: true }).first();
const screens: [string, (page: Page) => ReturnType<Page["getByRole"]>][] = [
  // PocketBase stores entries late, so a server that has just been started may not have any.
  [
    "/logs",
    (page) => page.getByRole("grid", { name: "Log entries" }).or(page.getByText("No entries", { exact: true })),
  ],
  ["/jobs", heading("System jobs")],
  ["/settings/mail", heading("Mail")],
  ["/settings/backups", (page) => page.getByRole("button", { name: "Back up now" })],
  ["/settings/superusers", (page) => page.getByRole("list", { name: "Superusers" })],
];

test.each(screens)("%s says what failed, and comes back", async (hash, ready) => {
  const { page, close } = await openUi();
  await page.route(
    (url) => url.pathname.startsWith("/api/") && !/auth-refresh|\/prefs|\/collections$/.test(url.pathname),
    (route) =>
      route.fulfill({
        status: 500,
        contentType: "application/json",
        body: '{"status":500,"message":"The disk is full.","data":{}}',
      }),
  );
  await page.goto(`${server.ui}#${hash}`);
  await page
    .getByText("The disk is full.")
    .first()
    .waitFor({ timeout: patience(15_000) });
  await expectAccessible(page, `${hash} that failed`);
  await shot(page, `failed${hash.replaceAll("/", "-")}`);
  await page.unrouteAll();
  await page.getByRole("button", { name: "Retry" }).first().click();
  await ready(page).waitFor();
  await close();
});
