import type { Server } from "node:http";
import { afterAll, expect, test } from "vitest";
import { seedCategories } from "../fixtures/api.ts";
import { startBelow } from "../fixtures/below.ts";
import { visit } from "../fixtures/browser.ts";
import { superuser } from "../fixtures/server.ts";
import { browser, pb, server, stage } from "../fixtures/stage.ts";

/** Where the proxy has the server, and what passes for another one; it knows of nothing else. */
const path = "/apps/stead";
const otherPath = "/apps/other";

let proxy: Server;
stage(async () => {
  await seedCategories(pb);
  proxy = await startBelow([path, otherPath], Number(new URL(server.ui).port));
});
afterAll(() => {
  proxy?.close();
  proxy?.closeAllConnections();
});

test("a server that a proxy has below a path is administered there", async () => {
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  const origin = `http://127.0.0.1:${address.port}`;
  const ui = `${origin}${path}/_/`;
  const { page, close } = await visit(browser, { ...server, ui });
  const astray: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith("http") && !request.url().startsWith(origin + path)) astray.push(request.url());
  });
  await page.goto(`${ui}#/login?to=${encodeURIComponent("/collections/categories")}`);
  await page.getByLabel("E-mail").fill(superuser.email);
  await page.getByLabel("Password", { exact: true }).fill(superuser.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  const grid = page.getByRole("grid", { name: "categories records" });
  await grid.getByRole("link", { name: "Lamps" }).click();
  await page.getByRole("complementary", { name: "Record Lamps" }).waitFor();
  // The first rows of the next visit are asked for by the page, before the program.
  await page.reload();
  await grid.getByRole("link", { name: "Lamps" }).waitFor();
  await page.goto(`${ui}#/collections/categories?tab=api`);
  await page.getByText(`new PocketBase("${origin}${path}")`).waitFor();
  expect(astray).toEqual([]);
  // Who has a session with one server has none with another.
  await page.goto(`${origin}${otherPath}/_/`);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await page.goto(`${ui}#/collections/categories`);
  await grid.getByRole("link", { name: "Lamps" }).waitFor();
  await close();
});
