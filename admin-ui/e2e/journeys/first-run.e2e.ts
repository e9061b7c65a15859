import PocketBase from "pocketbase";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible, sharedBrowser, shot, visit } from "../fixtures/browser.ts";
import { startServer, superuser, type TestServer } from "../fixtures/server.ts";

let server: TestServer;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), sharedBrowser()]);
});
afterAll(() => server?.stop());

test("the installer link makes the first superuser", async () => {
  const { page, close } = await visit(browser, server);
  await page.goto(`${server.ui}#/pbinstall/${server.installerToken}`);
  await page.getByRole("heading", { name: "Create the first superuser" }).waitFor();
  await expectAccessible(page, "installer");
  await shot(page, "installer");
  const focused = (label: string) =>
    page.getByLabel(label, { exact: true }).evaluate((node) => node === document.activeElement);
  expect(await focused("E-mail")).toBe(true);

  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("alert").getByText("2 fields need attention").waitFor();
  expect(await focused("E-mail")).toBe(true);
  for (const label of ["E-mail", "Password"])
    expect(await page.getByLabel(label, { exact: true }).getAttribute("aria-invalid")).toBe("true");

  await page.getByLabel("E-mail").fill(superuser.email);
  await page.getByLabel("Password", { exact: true }).fill(superuser.password);
  await page.getByLabel("Confirm password", { exact: true }).fill("something else");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText("The two passwords differ.").waitFor();
  await page.getByLabel("Confirm password", { exact: true }).fill(superuser.password);
  await page.getByRole("button", { name: "Create account" }).click();

  await page.getByRole("navigation", { name: "Main" }).waitFor();
  await page.getByRole("heading", { name: "Start" }).waitFor();
  for (const name of ["Create a collection", "Use a template", "Import schema"])
    await page.getByRole("main").getByRole("button", { name }).waitFor();
  await expectAccessible(page, "start");
  await shot(page, "start");

  await page.goto(`${server.ui}#/pbinstall/${server.installerToken}`);
  await page.getByRole("heading", { name: "This installer link was already used" }).waitFor();
  const pb = new PocketBase(server.api);
  await pb.collection("_superusers").authWithPassword(superuser.email, superuser.password);
  expect((await pb.collection("_superusers").getFullList()).map((one) => one["email"])).toEqual([superuser.email]);
  await close();
});

test("signing in by keyboard returns to where one wanted to go", async () => {
  const { page, close } = await visit(browser, server);
  await page.goto(`${server.ui}#/collections/users`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await expectAccessible(page, "login");
  await shot(page, "login");

  await page.keyboard.type(superuser.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type("wrong password");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("E-mail or password is wrong.").waitFor();
  const password = page.getByLabel("Password", { exact: true });
  expect(await password.inputValue()).toBe("");
  expect(await password.evaluate((node) => node === document.activeElement)).toBe(true);
  expect(await page.getByLabel("E-mail").inputValue()).toBe(superuser.email);

  await page.keyboard.type(superuser.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "users", level: 1 }).waitFor();
  expect(page.url()).toContain("#/collections/users");
  await close();
});
