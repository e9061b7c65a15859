import { expect, test } from "vitest";
import { offers } from "../fixtures/api.ts";
import { hold, shot, signIn, visit } from "../fixtures/browser.ts";
import { focused, hasFocus } from "../fixtures/keyboard.ts";
import { startEditable } from "../fixtures/server.ts";
import { browser, openUi, pb, server, stage } from "../fixtures/stage.ts";

/** What has been entered and not been saved yet, and what might take it away. */
stage(
  async () => {
    await pb.collections.create({
      name: "shelves",
      type: "base",
      fields: [
        { name: "title", type: "text" },
        { name: "note", type: "text" },
        { name: "price", type: "number" },
      ],
      indexes: ["CREATE INDEX `idx_shelves` ON `shelves` (`price` DESC, lower(`title`))"],
    });
  },
  () => startEditable({ "hooks/notes.rhai": "// hello\n" }),
);

test("a new collection outlives a failed refresh and a change of its type", async () => {
  const { page, close } = await openUi();
  await page.clock.install();
  await page.goto(`${server.ui}#/new-collection`);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  const names = page.getByRole("textbox", { name: "Field name" });
  const values = () => names.evaluateAll((boxes) => boxes.map((box) => box instanceof HTMLInputElement && box.value));
  await name.fill("articles");
  await page.route("**/api/collections?**", (route) => route.abort());
  await page.clock.fastForward("02:00");
  const asked = page.waitForEvent("requestfailed", (request) => request.url().includes("/api/collections?"));
  await page.getByRole("button", { name: "Add field" }).click();
  await page.getByRole("menuitem", { name: /^Text/ }).click();
  await asked;
  await page.clock.runFor(20_000);
  expect(await name.inputValue()).toBe("articles");
  await page.unroute("**/api/collections?**");
  await page.getByRole("radio", { name: "Auth" }).click();
  await page.getByRole("group", { name: "verified", exact: true }).waitFor();
  expect(await name.inputValue()).toBe("articles");
  expect(await values()).toContain("text");
  await page.getByRole("radio", { name: "View" }).click();
  await names.first().waitFor({ state: "detached" });
  await page.getByRole("radio", { name: "Base" }).click();
  await names.first().waitFor();
  expect(await values()).toEqual(["id", "text", "created", "updated"]);
  expect(await name.inputValue()).toBe("articles");
  await close();
});

test("what was typed right before the page was loaded again can be restored", async () => {
  const { id } = await pb.collection("shelves").create({ title: "Pine" });
  const { page, close } = await openUi();
  await page.clock.install();
  await page.goto(`${server.ui}#/collections/shelves?record=${id}`);
  const panel = page.getByRole("complementary", { name: /^Record/ });
  const title = panel.getByRole("textbox", { name: "title", exact: true });
  await title.waitFor();
  // Nothing that waits for a while happens any longer.
  await page.clock.pauseAt(Date.now() + 3_600_000);
  await title.fill("Pine, oiled");
  page.once("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await page.clock.resume();
  await panel.getByRole("button", { name: "Restore draft" }).click();
  expect(await title.inputValue()).toBe("Pine, oiled");
  await panel.getByRole("button", { name: "Discard changes" }).click();
  await close();
});

test("what is typed while a script is being saved stays", async (context) => {
  if (!(await offers(pb, "/api/stead/hooks"))) return context.skip();
  const { page, close } = await openUi("/hooks?file=notes.rhai");
  const editor = page.getByRole("textbox", { name: "Source of notes.rhai" });
  const answer = await hold(page, "**/api/stead/hooks/**", "PUT");
  await editor.press("Control+End");
  await page.keyboard.type("// one\n");
  const sent = page.waitForRequest((request) => request.method() === "PUT");
  await page.keyboard.press("Control+s");
  await sent;
  await page.keyboard.type("// two\n");
  answer();
  await page.getByText(/^Saved/).waitFor();
  expect(await editor.inputValue()).toBe("// hello\n// one\n// two\n");
  await page.keyboard.press("Control+s");
  await page.getByRole("button", { name: "Save" }).and(page.locator("[aria-disabled=true]")).waitFor();
  expect(await editor.inputValue()).toBe("// hello\n// one\n// two\n");
  await close();
});

test("a secret that was typed and taken away again is not sent", async () => {
  await pb.settings.update({ smtp: { enabled: true, host: "127.0.0.1", username: "a", password: "stored" } });
  const { page, close } = await openUi("/settings/mail");
  const secret = page.getByLabel("SMTP password");
  const bar = page.getByRole("region", { name: "Unsaved settings" });
  await secret.fill("x");
  await bar.waitFor();
  await secret.fill("");
  await bar.waitFor({ state: "detached" });
  await close();
});

test("a removed field comes back to its place, by key too, and the focus stays in the list", async () => {
  const { page, close } = await openUi("/collections/shelves?tab=schema");
  const fields = page.getByRole("list", { name: "Fields", exact: true });
  const group = (name: string) => fields.getByRole("group", { name, exact: true });
  const bar = page.getByRole("region", { name: "Pending schema changes" });
  await group("note").getByRole("button", { name: "Remove field" }).focus();
  await page.keyboard.press("Enter");
  await bar.waitFor();
  expect(await hasFocus(group("price").getByRole("button", { name: "Remove field" })), await focused(page)).toBe(true);
  await page.keyboard.press("Control+z");
  await bar.waitFor({ state: "detached" });
  await group("note").getByRole("button", { name: "Remove field" }).click();
  await fields.getByRole("button", { name: "Restore note" }).click();
  await bar.waitFor({ state: "detached" });
  await expect.poll(() => hasFocus(group("note").getByLabel("Field name"))).toBe(true);
  await group("note").getByRole("button", { name: "Remove field" }).click();
  await page.keyboard.press("Control+s");
  const review = page.getByRole("dialog", { name: "Review schema changes" });
  await review.getByText("Remove field note").waitFor();
  await review.getByRole("button", { name: "Back" }).click();
  await bar.getByRole("button", { name: "Discard" }).focus();
  await page.keyboard.press("Enter");
  await bar.waitFor({ state: "detached" });
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("content");
  await close();
});

test("an index over more than names is edited as it is", async () => {
  const { page, close } = await openUi("/collections/shelves?tab=schema");
  const index = page.getByRole("group", { name: "Index on price DESC, lower(title)" });
  await index.getByRole("button", { name: "note", exact: true }).click();
  expect(
    await index
      .or(page.getByRole("group", { name: /^Index on/ }))
      .getByRole("textbox")
      .inputValue(),
  ).toBe("CREATE INDEX `idx_shelves` ON `shelves` (`price` DESC, lower(`title`), `note`)");
  await shot(page, "index-expression");
  await close();
});

test("a click beside a dialog takes nothing away that was typed", async () => {
  const { page, close } = await openUi("/settings/superusers");
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Add superuser" }).click();
  await dialog.waitFor();
  await page.mouse.click(20, 500);
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Add superuser" }).click();
  await dialog.getByLabel("E-mail").fill("new@example.com");
  await page.mouse.click(20, 500);
  expect(await dialog.getByLabel("E-mail").inputValue()).toBe("new@example.com");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await close();
});

test("an installer link that can't be checked is not called used", async () => {
  const { page, close } = await visit(browser, server);
  await page.route("**/api/collections/_superusers/records**", (route) =>
    route.fulfill({ status: 429, json: { status: 429, message: "Too many requests.", data: {} } }),
  );
  await page.goto(`${server.ui}#/pbinstall/${server.installerToken}`);
  await page.getByText("The installer can't start").waitFor();
  await page.unroute("**/api/collections/_superusers/records**");
  await page.getByRole("button", { name: /Retry|Try again/ }).click();
  await page.getByText("This installer link was already used").waitFor();
  await close();
});

test("the tree shows the collection a link leads to", async () => {
  for (let n = 10; n < 70; n += 1) await pb.collections.create({ name: `many_${n}`, type: "base", fields: [] });
  const { page, close } = await openUi("/collections/users");
  await page.reload();
  const entry = page.getByRole("treeitem", { name: "users, auth collection" });
  await expect
    .poll(async () => {
      const box = await entry.boundingBox();
      return box !== null && box.y > 0 && box.y + box.height < 900;
    })
    .toBe(true);
  await close();
});

test("a number that can't be read is not passed over when settings are saved", async () => {
  const { page, close } = await visit(browser, server);
  const sent: string[] = [];
  page.on("request", (request) => request.method() === "PATCH" && sent.push(request.url()));
  await signIn(page, server, "/settings/backups");
  await page.getByLabel("When").fill("0 3 * * *");
  await page.getByLabel("Scheduled backups to keep").fill("many");
  await page.getByRole("button", { name: /^Save/ }).click();
  const bar = page.getByRole("region", { name: "Unsaved settings" });
  await bar.getByRole("alert").getByText("“many” is not a number.").waitFor();
  expect(await hasFocus(page.getByLabel("Scheduled backups to keep")), await focused(page)).toBe(true);
  expect(sent).toEqual([]);
  await page.getByLabel("Scheduled backups to keep").fill("4");
  await bar.getByRole("button", { name: "Discard" }).click();
  await close();
});

test("cells that were changed are asked about before another tab, and bad text in one is told", async () => {
  await pb.collection("shelves").create({ title: "Oak", price: 5 });
  const { page, close } = await openUi("/collections/shelves");
  const cell = page.getByRole("gridcell", { name: "5", exact: true });
  await cell.dblclick();
  await page.getByRole("textbox", { name: "price of this record" }).fill("five");
  await page.getByRole("heading", { name: "shelves" }).click();
  await page.getByRole("alert").getByText("price keeps its value: “five” is not a number.").waitFor();
  await cell.dblclick();
  await page.getByRole("textbox", { name: "price of this record" }).fill("6");
  await page.keyboard.press("Enter");
  await page.getByRole("tab", { name: "Schema" }).click();
  const question = page.getByRole("alertdialog", { name: "Discard unsaved changes?" });
  await question.getByRole("button", { name: "Keep editing" }).click();
  await page.getByRole("region", { name: "Pending changes" }).getByText("1 change in 1 row").waitFor();
  await page.getByRole("tab", { name: "Schema" }).click();
  await question.getByRole("button", { name: "Discard changes" }).click();
  await page.getByRole("list", { name: "Fields", exact: true }).waitFor();
  await close();
});

test("what can't be read in a number box is asked about before its section goes", async () => {
  const { page, close } = await openUi("/settings/backups");
  const keep = page.getByLabel("Scheduled backups to keep");
  await page.getByLabel("When").fill("0 3 * * *");
  await keep.fill("many");
  await page.getByRole("link", { name: "Mail", exact: true }).click();
  const question = page.getByRole("alertdialog", { name: "Discard what was typed?" });
  await question.getByText("“many” is not a number.").waitFor();
  await shot(page, "unread-question");
  await question.getByRole("button", { name: "Keep editing" }).click();
  await expect.poll(() => hasFocus(keep)).toBe(true);
  expect(await keep.inputValue()).toBe("many");
  const described = await keep.getAttribute("aria-describedby");
  const told = (described ?? "").split(" ").map((id) => page.locator(`[id="${id}"]`).textContent());
  expect((await Promise.all(told)).join(" ")).toContain("“many” is not a number.");
  const bar = page.getByRole("region", { name: "Unsaved settings" });
  await bar.getByRole("button", { name: "Discard" }).click();
  expect(await keep.inputValue().catch(() => "")).not.toBe("many");

  await page.goto(`${server.ui}#/collections/shelves?tab=schema`);
  const options = page.getByRole("button", { name: "Options for price" });
  const smallest = page.getByRole("group", { name: "price", exact: true }).getByLabel("Smallest");
  await options.click();
  await smallest.fill("few");
  await options.click();
  await expect.poll(() => hasFocus(smallest)).toBe(true);
  await page.getByRole("tab", { name: "Rules" }).click();
  await question.getByText("“few” is not a number.").waitFor();
  await question.getByRole("button", { name: "Keep editing" }).click();
  expect(await smallest.inputValue()).toBe("few");
  await page.getByRole("tab", { name: "Rules" }).click();
  await question.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("group", { name: "List rule" }).waitFor();
  await close();
});

test("what was saved before does not lie over why it was not saved now", async () => {
  const { page, close } = await openUi(undefined, { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  await page.clock.install();
  await page.goto(`${server.ui}#/settings/mail`);
  const bar = page.getByRole("region", { name: "Unsaved settings" });
  await page.getByLabel("Sender name").fill("Ada");
  await bar.getByRole("button", { name: /^Save/ }).click();
  await page.getByRole("status").getByText("Settings saved").waitFor();
  await page.getByLabel("Sender address").fill("nobody");
  await bar.getByRole("button", { name: /^Save/ }).click();
  await bar.getByRole("alert").getByText("mail: sender address: Must be a valid email address.").waitFor();
  await expect.poll(() => hasFocus(page.getByLabel("Sender address"))).toBe(true);
  expect(await page.getByText("Settings saved").count()).toBe(0);
  await shot(page, "refused-after-saved");
  await bar.getByRole("button", { name: "Discard" }).click();
  await close();
});

test("a switch does not hide a number box with what can't be read", async () => {
  await pb.settings.update({ batch: { enabled: true, maxRequests: 50, timeout: 3 } });
  const { page, close } = await openUi("/settings/limits");
  const box = page.getByRole("textbox", { name: "Requests in one batch" });
  const toggle = page.getByRole("switch", { name: "Allow batch requests" });
  await box.fill("5o");
  await page.getByText("Allow batch requests").click();
  expect(await toggle.getAttribute("aria-checked")).toBe("true");
  expect(await box.inputValue()).toBe("5o");
  expect(await hasFocus(box), await focused(page)).toBe(true);
  await box.fill("51");
  await toggle.press("Enter");
  await box.waitFor({ state: "detached" });
  await toggle.press("Enter");
  expect(await box.inputValue()).toBe("51");
  await page.getByRole("region", { name: "Unsaved settings" }).getByRole("button", { name: "Discard" }).click();
  await close();
});
