import { expect, test } from "vitest";
import { expectAccessible, hold, shot } from "../fixtures/browser.ts";
import { focused, hasFocus } from "../fixtures/keyboard.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

/** Records on a slow line, with many relations, with formatted text, and what can be done with a whole one. */
stage(async () => {
  await pb.settings.update({ batch: { enabled: true, maxRequests: 1000, timeout: 60 } });
  const parts = await pb.collections.create({
    name: "parts",
    type: "base",
    fields: [{ name: "label", type: "text", presentable: true }],
  });
  await pb.collections.create({
    name: "machines",
    type: "base",
    fields: [
      { name: "title", type: "text", presentable: true },
      { name: "note", type: "text" },
      { name: "about", type: "editor" },
      { name: "parts", type: "relation", collectionId: parts.id, maxSelect: 5000 },
      { name: "after", type: "text" },
      { name: "plans", type: "file", maxSelect: 9 },
    ],
  });
  await pb.collections.create({ name: "people", type: "auth", fields: [{ name: "nick", type: "text" }] });
});

test("what is typed while a record is being saved stays, and is saved next", async () => {
  const { id } = await pb.collection("machines").create({ title: "Lathe" });
  const { page, close } = await openUi(`/collections/machines?record=${id}`);
  const panel = page.getByRole("complementary", { name: /^Record/ });
  const title = panel.getByRole("textbox", { name: "title" });
  const answer = await hold(page, "**/api/collections/machines/records/**", "PATCH");
  await title.fill("Lathe 2");
  const sent = page.waitForRequest((request) => request.method() === "PATCH");
  await page.keyboard.press("Control+Enter");
  await sent;
  await page.keyboard.press("End");
  await page.keyboard.type(" and more");
  answer();
  await page.getByText("Record saved", { exact: true }).first().waitFor();
  expect(await title.inputValue()).toBe("Lathe 2 and more");
  expect(await pb.collection("machines").getOne(id)).toMatchObject({ title: "Lathe 2" });
  await panel.getByText("1 change", { exact: true }).waitFor();
  await page.keyboard.press("Control+s");
  await panel.getByText("1 change", { exact: true }).waitFor({ state: "detached" });
  expect(await pb.collection("machines").getOne(id)).toMatchObject({ title: "Lathe 2 and more" });
  await close();
});

test("a new record that is saved twice in a row is made once, and typing goes on in it", async () => {
  const { page, close } = await openUi("/collections/machines?record=new");
  const title = page.getByRole("complementary").getByRole("textbox", { name: "title" });
  const answer = await hold(page, "**/api/collections/machines/records", "POST");
  await title.fill("Press");
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await page.keyboard.press("Control+s");
  await page.keyboard.press("Control+s");
  await sent;
  await page.keyboard.press("Control+s");
  await page.keyboard.type(" 1");
  answer();
  const panel = page.getByRole("complementary", { name: "Record Press" });
  await panel.getByText("1 change", { exact: true }).waitFor();
  expect(await hasFocus(panel.getByRole("textbox", { name: "title" })), await focused(page)).toBe(true);
  await page.keyboard.type("0");
  expect(await panel.getByRole("textbox", { name: "title" }).inputValue()).toBe("Press 10");
  await page.keyboard.press("Control+s");
  await page.getByText("Record saved", { exact: true }).first().waitFor();
  const made = await pb.collection("machines").getFullList({ filter: 'title ~ "Press"' });
  expect(made.map((record) => record["title"])).toEqual(["Press 10"]);
  await close();
});

test("a cell that is changed while the table is being saved is saved next, and nothing is sent twice", async () => {
  const { id } = await pb.collection("machines").create({ title: "Crane", note: "old" });
  const { page, close } = await openUi("/collections/machines?filter=title%3D%22Crane%22");
  const grid = page.getByRole("grid", { name: "machines records" });
  const cell = grid.getByRole("row").nth(1).getByRole("gridcell").nth(3);
  await expect.poll(() => cell.textContent()).toContain("old");
  const writes: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/api/batch")) writes.push(request.url());
  });
  const write = async (text: string) => {
    await cell.dblclick();
    await page.keyboard.press("Control+a");
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
  };
  const answer = await hold(page, "**/api/batch", "POST");
  await write("new");
  await page.keyboard.press("Control+s");
  await page.keyboard.press("Control+s");
  await expect.poll(() => writes.length).toBe(1);
  await write("newer");
  answer();
  await page.getByText("Saved 1 change").first().waitFor();
  expect((await pb.collection("machines").getOne(id))["note"]).toBe("new");
  await cell.getByText("newer").waitFor();
  await page.getByRole("region", { name: "Pending changes" }).waitFor();
  await page.keyboard.press("Control+s");
  await page.getByRole("region", { name: "Pending changes" }).waitFor({ state: "detached" });
  expect((await pb.collection("machines").getOne(id))["note"]).toBe("newer");
  expect(writes).toHaveLength(2);
  await close();
});

test("a cell that is set back while the table is being saved gets back what it was", async () => {
  const { id } = await pb.collection("machines").create({ title: "Hoist", note: "old" });
  const { page, close } = await openUi("/collections/machines?filter=title%3D%22Hoist%22");
  const grid = page.getByRole("grid", { name: "machines records" });
  const cell = grid.getByRole("row").nth(1).getByRole("gridcell").nth(3);
  await expect.poll(() => cell.textContent()).toContain("old");
  const write = async (text: string) => {
    await cell.dblclick();
    await page.keyboard.press("Control+a");
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
  };
  const answer = await hold(page, "**/api/batch", "POST");
  await write("new");
  const sent = page.waitForRequest((request) => request.url().endsWith("/api/batch"));
  await page.keyboard.press("Control+s");
  await sent;
  await write("old");
  answer();
  await page.getByText("Saved 1 change").first().waitFor();
  await page.getByRole("region", { name: "Pending changes" }).waitFor();
  await expect.poll(() => cell.textContent()).toContain("old");
  await page.keyboard.press("Control+s");
  await page.getByRole("region", { name: "Pending changes" }).waitFor({ state: "detached" });
  expect((await pb.collection("machines").getOne(id))["note"]).toBe("old");
  await close();
});

test("what is thrown away while the table is being saved can still be undone, and who came after is left alone", async () => {
  const { id } = await pb.collection("machines").create({ title: "Winch", note: "old" });
  const { page, close } = await openUi("/collections/machines?filter=title%3D%22Winch%22");
  const grid = page.getByRole("grid", { name: "machines records" });
  const cell = grid.getByRole("row").nth(1).getByRole("gridcell").nth(3);
  await expect.poll(() => cell.textContent()).toContain("old");
  const note = async () => (await pb.collection("machines").getOne(id))["note"];
  const pending = page.getByRole("region", { name: "Pending changes" });
  const saveAnd = async (text: string, meanwhile: () => Promise<unknown>) => {
    const answer = await hold(page, "**/api/batch", "POST");
    await cell.dblclick();
    await page.keyboard.press("Control+a");
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
    const sent = page.waitForRequest((request) => request.url().endsWith("/api/batch"));
    await page.keyboard.press("Control+s");
    await sent;
    await meanwhile();
    answer();
    await expect.poll(note).toBe(text);
    await page.unrouteAll();
  };
  const undo = page.getByRole("button", { name: "Undo", exact: true });
  await saveAnd("new", () => pending.getByRole("button", { name: /^Discard/ }).click());
  await undo.click();
  await expect.poll(note).toBe("old");
  await expect.poll(() => cell.textContent()).toContain("old");
  await saveAnd("newer", () => Promise.resolve());
  await undo.waitFor();
  await pb.collection("machines").update(id, { note: "theirs" });
  await undo.click();
  await page.getByText("1 change not undone: changed again since.").first().waitFor();
  expect(await note()).toBe("theirs");
  await close();
});

test("of a thousand relations some are drawn, what comes after can be reached, and more can be asked for", async () => {
  const batch = pb.createBatch();
  for (let n = 0; n < 1000; n += 1) batch.collection("parts").create({ label: `Part ${n}` });
  const ids = (await batch.send()).map((answer) => String(answer.body.id));
  const { id } = await pb.collection("machines").create({ title: "Loom", parts: ids.slice(0, 999) });
  const { page, close } = await openUi(`/collections/machines?record=${id}`);
  const panel = page.getByRole("complementary", { name: "Record Loom" });
  const chosen = panel.getByRole("list", { name: "Chosen for parts", exact: true });
  const end = panel.getByRole("list", { name: "Last chosen for parts" });
  await chosen.getByText("Part 49", { exact: true }).waitFor();
  await end.getByText("Part 998", { exact: true }).waitFor();
  expect(await panel.getByRole("listitem").count()).toBeLessThan(60);
  await expectAccessible(page, "many relations");
  await shot(page, "many-relations");
  await panel.getByRole("button", { name: "Show 200 more of 999 records" }).click();
  await chosen.getByText("Part 249", { exact: true }).waitFor();
  const picker = panel.getByRole("combobox", { name: "parts" });
  await picker.fill("Part 999");
  await page.getByRole("option", { name: "Part 999" }).click();
  await end.getByText("Part 999", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await end.getByRole("button", { name: "Move Part 999 up" }).click();
  const down = chosen.getByRole("button", { name: "Move Part 3 down" });
  await down.press("Enter");
  expect(await hasFocus(down), await focused(page)).toBe(true);
  await chosen.getByRole("button", { name: "Move Part 3 up" }).press("Enter");
  await chosen.getByRole("button", { name: "Remove Part 1", exact: true }).click();
  const beside = chosen.getByRole("button", { name: "Remove Part 2", exact: true });
  expect(await hasFocus(beside), await focused(page)).toBe(true);
  await page.keyboard.press("Control+s");
  await page.getByText("Record saved", { exact: true }).first().waitFor();
  const wanted = [ids[0], ...ids.slice(2, 998), ids[999], ids[998]];
  expect((await pb.collection("machines").getOne(id))["parts"]).toEqual(wanted);
  await close();
});

test("by keys, files and relations move and go without taking the focus along", async () => {
  const part = await pb.collection("parts").create({ label: "Only" });
  const plans = ["first", "second", "third"].map((name) => new File([name], `${name}.txt`));
  const { id } = await pb.collection("machines").create({ title: "Kiln", parts: [part.id], plans });
  const { page, close } = await openUi(`/collections/machines?record=${id}`);
  const panel = page.getByRole("complementary", { name: "Record Kiln" });
  const files = panel.getByRole("list", { name: "Files of plans" });
  const down = files.getByRole("button", { name: /^Move first_.* down/ });
  await down.press("Enter");
  expect(await hasFocus(down), await focused(page)).toBe(true);
  // There is nothing below the last place.
  await page.keyboard.press("Enter");
  expect(await hasFocus(files.getByRole("button", { name: /^Move first_.* up/ })), await focused(page)).toBe(true);
  await files.getByRole("button", { name: /^Remove second_/ }).press("Enter");
  expect(await hasFocus(files.getByRole("button", { name: /^Remove third_/ })), await focused(page)).toBe(true);
  await files.getByRole("button", { name: /^Undo removing second_/ }).press("Enter");
  expect(await hasFocus(files.getByRole("button", { name: /^Remove second_/ })), await focused(page)).toBe(true);
  await panel.getByRole("button", { name: "Remove Only" }).press("Enter");
  expect(await hasFocus(panel.getByRole("combobox", { name: "parts" })), await focused(page)).toBe(true);
  await close();
});

test("links are kept, made and taken away in formatted text", async () => {
  const about = '<p>See <a href="https://example.com/a">this</a> <b>now</b></p>';
  const { id } = await pb.collection("machines").create({ title: "Drill", about });
  const { page, close } = await openUi(`/collections/machines?record=${id}`);
  const panel = page.getByRole("complementary", { name: "Record Drill" });
  await panel.getByRole("radio", { name: "Visual", checked: true }).waitFor();
  const text = panel.getByRole("textbox", { name: "about" });
  await text.getByText("now").dblclick();
  await panel.getByRole("button", { name: "Link", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Link" });
  await page.keyboard.type("javascript:alert(1)");
  await page.keyboard.press("Enter");
  await form.getByText("No address that a link may have.").waitFor();
  await expectAccessible(page, "a link");
  await form.getByRole("textbox", { name: "Address" }).fill("example.com/b");
  await page.keyboard.press("Enter");
  await form.waitFor({ state: "detached" });
  await text.getByRole("link", { name: "now" }).waitFor();
  await text.getByRole("link", { name: "this" }).click();
  await panel.getByRole("button", { name: "Link", exact: true }).click();
  await form.getByRole("button", { name: "Remove link" }).click();
  await text.getByRole("link", { name: "this" }).waitFor({ state: "detached" });
  await text.press("Control+s");
  await page.getByText("Record saved", { exact: true }).first().waitFor();
  const saved = String((await pb.collection("machines").getOne(id))["about"]);
  expect(saved).toContain('href="https://example.com/b"');
  expect(saved).not.toContain("example.com/a");
  expect(saved).not.toContain("target=");
  await close();
});

test("a record is copied into a new one, which starts empty again next time", async () => {
  const { id } = await pb.collection("machines").create({ title: "Saw", note: "sharp" });
  const { page, close } = await openUi(`/collections/machines?record=${id}`);
  const panel = page.getByRole("complementary");
  const box = (name: string) => panel.getByRole("textbox", { name, exact: true });
  // Begun and left: nothing of it is in the next new record.
  await box("note").fill("blunt");
  const copy = async () => {
    await panel.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Duplicate…" }).click();
  };
  await copy();
  await page.getByRole("button", { name: "Keep editing" }).click();
  await panel.getByRole("button", { name: "Discard changes" }).click();
  await panel.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("button", { name: "New record" }).click();
  await panel.getByText("New record", { exact: true }).waitFor();
  expect(await box("title").inputValue()).toBe("");
  await page.goto(`${server.ui}#/collections/machines?record=${id}`);
  await expect.poll(() => box("title").inputValue()).toBe("Saw");
  await copy();
  await panel.getByText("New record", { exact: true }).waitFor();
  expect(await box("note").inputValue()).toBe("sharp");
  await box("title").fill("Saw 2");
  await page.keyboard.press("Control+s");
  await page.getByText("Record created", { exact: true }).first().waitFor();
  const made = await pb.collection("machines").getFirstListItem('title = "Saw 2"');
  expect(made["note"]).toBe("sharp");
  await close();
});

test("an account's sessions end, and its token can be had", async () => {
  const password = "correct horse";
  const { id } = await pb
    .collection("people")
    .create({ email: "ann@example.com", password, passwordConfirm: password, verified: true });
  const { page, close } = await openUi(`/collections/people?record=${id}`, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const panel = page.getByRole("complementary", { name: /^Record/ });
  const choose = async (name: string) => {
    await panel.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name }).click();
  };
  await panel.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Send verification e-mail" }).and(page.locator("[data-disabled]")).waitFor();
  await expectAccessible(page, "menu of an account");
  await page.keyboard.press("Escape");
  await choose("Make a token…");
  const dialog = page.getByRole("alertdialog", { name: "A token for ann@example.com" });
  const token = await dialog.locator("code").innerText();
  await expectAccessible(page, "a token");
  await shot(page, "token");
  await dialog.getByRole("button", { name: "Copy token" }).click();
  await page.getByText("Token copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);
  const refresh = () =>
    fetch(`${server.api}/api/collections/people/records/${id}`, { headers: { Authorization: token } });
  await pb.collections.update("people", { viewRule: "@request.auth.id = id" });
  expect((await refresh()).status).toBe(200);
  await choose("End all sessions…");
  await page.getByRole("button", { name: "End all sessions" }).click();
  await page.getByText("All sessions of ann@example.com ended").waitFor();
  expect((await refresh()).status).not.toBe(200);
  await panel.getByRole("tab", { name: "Related" }).click();
  await panel.getByRole("link", { name: /_externalAuths \(sign-in services\)/ }).click();
  await page.getByRole("grid", { name: "_externalAuths records" }).waitFor();
  await close();
});
