import { afterAll, expect, test } from "vitest";
import { expectAccessible } from "../fixtures/browser.ts";
import { startInbox, type Inbox } from "../fixtures/mail.ts";
import { superuser } from "../fixtures/server.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

let inbox: Inbox;
const password = "hunter2hunter2";

stage(async () => {
  inbox = await startInbox();
  await pb
    .collection("users")
    .create({ email: "ada@example.com", name: "Ada Lovelace", password, passwordConfirm: password });
});
afterAll(() => inbox?.stop());

test("codes, a second factor, a service, a mail and the end of all sessions", async () => {
  const { page, close } = await openUi("/collections/users?tab=auth");
  await page.getByRole("switch", { name: "Sign in with a code sent by e-mail" }).click();
  await page.getByText("No mail server is set, so codes may never arrive.").waitFor();
  await page.getByRole("link", { name: "Set one up" }).waitFor();
  await pb.settings.update({
    meta: { appName: "Shop", senderName: "Shop", senderAddress: "shop@example.com" },
    smtp: { enabled: true, host: "127.0.0.1", port: inbox.port, tls: false },
  });
  await page.getByLabel("Valid for (seconds)").fill("180");
  await page.getByLabel("Length of the code").fill("6");
  await page.getByRole("switch", { name: "Ask for a second way to sign in" }).click();
  await page.getByRole("switch", { name: "Sign in with another service" }).click();
  await page.getByRole("button", { name: "Copy redirect address" }).click();
  await page
    .getByRole("status")
    .getByText(/Redirect address/)
    .or(page.getByRole("alert").getByText(/Redirect address/))
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Add service" }).click();
  await page.getByRole("dialog", { name: "Add service" }).getByLabel("Search services").fill("oidc");
  await page.getByRole("list", { name: "Services" }).getByRole("button").first().click();
  const service = page.getByRole("dialog").last();
  await service.getByLabel("Client id").fill("shop");
  await service.getByLabel("Client secret").fill("very-secret");
  await service.getByLabel("Authorisation address").fill("https://id.example.com/auth");
  await service.getByLabel("Token address").fill("https://id.example.com/token");
  await service.getByLabel("User info address").fill("https://id.example.com/me");
  await service.getByRole("button", { name: "Set" }).click();
  await page.getByRole("button", { name: "Review changes" }).click();
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  await review.getByText("Change oauth2").waitFor();
  expect(await page.getByText("very-secret").count()).toBe(0);
  await review.getByRole("button", { name: "Apply changes" }).click();
  await page.getByRole("status").getByText("Collection users saved").waitFor();
  const methods = await pb.collection("users").listAuthMethods();
  expect([methods.otp, methods.mfa]).toMatchObject([{ enabled: true, duration: 180 }, { enabled: true }]);
  expect(methods.oauth2.providers).toMatchObject([{ name: "oidc" }]);
  const stored = await pb.collections.getOne("users");
  expect(stored["otp"]).toMatchObject({ length: 6 });
  expect(JSON.stringify(stored)).not.toContain("very-secret");
  await page.getByRole("button", { name: /^Edit / }).click();
  const again = page.getByRole("dialog").last().getByLabel("Client secret");
  expect([await again.inputValue(), await again.getAttribute("placeholder")]).toEqual(["", "set; type to replace it"]);
  await page.keyboard.press("Escape");

  // What a mail can't do without is missed; the preview is of somebody who is there.
  await page.getByRole("radiogroup", { name: "Template" }).getByRole("radio", { name: "Password reset" }).click();
  const body = page.getByRole("textbox", { name: "Body (HTML)" });
  const whole = await body.inputValue();
  await body.fill("<p>Dear {RECORD:name}</p>");
  await page.getByText("Without {TOKEN} this mail is of no use").waitFor();
  await page.frameLocator('iframe[title="Preview of the body"]').getByText("Dear Ada Lovelace").waitFor();
  await body.fill(`${whole}<p>Dear {RECORD:email}</p>`);
  await page.getByText("Without {TOKEN} this mail is of no use").waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Review changes" }).click();
  await review.getByRole("button", { name: "Apply changes" }).click();
  await review.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^Send test to/ }).click();
  const mail = await inbox.mailTo(superuser.email);
  expect(mail).toContain("Shop");
  expect(mail).toContain(`Dear ${superuser.email}`);

  // Codes alone are no longer enough, so that the session is had by impersonation.
  const ada = await pb.collection("users").getFirstListItem('email = "ada@example.com"');
  const client = await pb.collection("users").impersonate(ada.id, 600);
  await client.collection("users").getOne(ada.id);
  await page.getByRole("button", { name: "Sign everyone out…" }).click();
  const question = page.getByRole("alertdialog", { name: "Sign everyone of users out?" });
  await question.getByText("Every session of 1 record ends at once").waitFor();
  await expectAccessible(page, "sign everyone out");
  await question.getByRole("button", { name: "Sign everyone out" }).click();
  await page.getByRole("status").getByText("All sessions of users ended").waitFor();
  const token = client.authStore.token;
  const answer = await fetch(`${server.api}/api/collections/users/auth-refresh`, {
    method: "POST",
    headers: { Authorization: token },
  });
  expect(answer.status).toBe(401);
  await close();
});
