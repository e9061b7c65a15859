import PocketBase from "pocketbase";
import { afterAll, beforeEach, expect, test } from "vitest";
import { offers } from "../fixtures/api.ts";
import { expectAccessible, shot, visit } from "../fixtures/browser.ts";
import { startInbox, type Inbox } from "../fixtures/mail.ts";
import { superuser } from "../fixtures/server.ts";
import { browser, pb, server, stage } from "../fixtures/stage.ts";

let inbox: Inbox;
let able = false;
const user = { email: "ada@example.com", password: "hunter2hunter2" };

stage(async () => {
  inbox = await startInbox();
  await pb.settings.update({
    meta: { appURL: new URL(server.ui).origin },
    smtp: { enabled: true, host: "127.0.0.1", port: inbox.port, tls: false },
  });
  await pb.collection("users").create({ ...user, passwordConfirm: user.password, name: "Ada" });
  able = await offers(pb, "/api/collections/users/request-password-reset", "POST");
});
beforeEach(() => inbox.clear());
afterAll(() => inbox?.stop());

/** The address in a mail that leads to a page of the interface. */
function linkIn(mail: string, page: string): string {
  const found = new RegExp(`http[^\\s"<>)\\]]*/_/#/auth/${page}/[\\w.-]+`).exec(mail)?.[0];
  if (!found) throw new Error(`no link to ${page} in:\n${mail}`);
  return found;
}

test("a forgotten password of a superuser", async (context) => {
  if (!able) return context.skip();
  const { page, close } = await visit(browser, server);
  await page.goto(`${server.ui}#/login`);
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByLabel("E-mail").fill(superuser.email);
  await page.getByRole("button", { name: "Send link" }).click();
  await page.getByRole("heading", { name: "Check your mail" }).waitFor();
  await page.goto(linkIn(await inbox.mailTo(superuser.email), "confirm-password-reset"));
  await page.getByRole("heading", { name: "Set a new password" }).waitFor();
  await expectAccessible(page, "set a new password");
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("Enter a new password.").waitFor();
  await page.getByLabel("New password", { exact: true }).fill("short");
  await page.getByLabel("Confirm password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByRole("alert").waitFor();
  expect(await page.getByLabel("New password", { exact: true }).getAttribute("aria-invalid")).toBe("true");
  await shot(page, "reset-refused");
  await page.getByLabel("New password", { exact: true }).fill("another good one");
  await page.getByLabel("Confirm password", { exact: true }).fill("another good one");
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByRole("heading", { name: "Password changed" }).waitFor();
  await page.getByRole("link", { name: "Back to sign in" }).click();
  await page.getByLabel("E-mail").fill(superuser.email);
  await page.getByLabel("Password", { exact: true }).fill("another good one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  await pb.collection("_superusers").authWithPassword(superuser.email, "another good one");
  await close();
  return undefined;
});

test("a verification and an e-mail change of somebody who uses an app", async (context) => {
  if (!able) return context.skip();
  const { page, close } = await visit(browser, server);
  const app = new PocketBase(server.api);
  await app.collection("users").requestVerification(user.email);
  await page.goto(linkIn(await inbox.mailTo(user.email), "confirm-verification"));
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByRole("heading", { name: "E-mail verified" }).waitFor();
  await app.collection("users").authWithPassword(user.email, user.password);
  expect(app.authStore.record?.["verified"]).toBe(true);

  await app.collection("users").requestEmailChange("new@example.com");
  await page.goto(linkIn(await inbox.mailTo("new@example.com"), "confirm-email-change"));
  await page.getByLabel("Password", { exact: true }).fill("wrong password");
  await page.getByRole("button", { name: "Change e-mail" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(user.password);
  await page.getByRole("button", { name: "Change e-mail" }).click();
  await page.getByRole("heading", { name: "E-mail changed" }).waitFor();
  await app.collection("users").authWithPassword("new@example.com", user.password);
  await close();
  return undefined;
});

test("links that can't work say so at once", async () => {
  const { page, close } = await visit(browser, server);
  const claims = btoa(JSON.stringify({ collectionId: "pbc_3142635823", exp: 1000, type: "passwordReset" }));
  await page.goto(`${server.ui}#/auth/confirm-password-reset/x.${claims}.y`);
  await page.getByRole("heading", { name: "This link has expired" }).waitFor();
  await page.getByRole("link", { name: "Ask for a new link" }).waitFor();
  await expectAccessible(page, "expired link");
  await shot(page, "expired-link");
  await page.goto(`${server.ui}#/auth/confirm-verification/half`);
  await page.getByRole("heading", { name: "This link is not complete" }).waitFor();
  await page.goto(`${server.ui}#/auth/oauth2-redirect-success`);
  await page.getByRole("heading", { name: "Signed in" }).waitFor();
  await page.goto(`${server.ui}#/auth/oauth2-redirect-failure`);
  await page.getByRole("heading", { name: "Sign-in failed" }).waitFor();
  await expectAccessible(page, "sign-in failed");
  await close();
});

test("the window of a sign-in closes by itself", async () => {
  const { page, close } = await visit(browser, server);
  for (const result of ["success", "failure"]) {
    const opened = page.waitForEvent("popup");
    await page.evaluate((url) => void window.open(url), `${server.ui}#/auth/oauth2-redirect-${result}`);
    const popup = await opened;
    if (!popup.isClosed()) await popup.waitForEvent("close");
  }
  await close();
});

/** The digits in the body of a mail. */
function codeIn(mail: string): string {
  return /(?<![\w=&#.-])(\d{8})(?![\w.-])/.exec(mail.slice(mail.indexOf("\r\n\r\n")))?.[1] ?? "";
}

test("password and code together, in either order", async (context) => {
  if (!able) return context.skip();
  const methods = await pb.collections.getOne("_superusers");
  await pb.collections.update("_superusers", {
    otp: { ...methods["otp"], enabled: true },
    mfa: { ...methods["mfa"], enabled: true },
  });
  const secret = "another good one";
  const { page, close } = await visit(browser, server);
  await page.goto(`${server.ui}#/login`);
  await page.getByLabel("E-mail").fill(superuser.email);
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(`A code is on its way to ${superuser.email}.`).waitFor();
  await expectAccessible(page, "second step");
  await shot(page, "second-step");
  await page.getByLabel("Code").fill("00000000");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("The code is wrong or too old.").waitFor();
  await page.getByLabel("Code").fill(codeIn(await inbox.mailTo(superuser.email)));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();

  inbox.clear();
  await page.getByRole("button", { name: "Use a code sent by e-mail" }).click();
  await page.getByLabel("E-mail").fill(superuser.email);
  await page.getByRole("button", { name: "Send code" }).click();
  await page.getByLabel("Code").fill(codeIn(await inbox.mailTo(superuser.email)));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Your password is the second step").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  await close();
  return undefined;
});
