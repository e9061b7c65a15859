import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible, hold, shot } from "../fixtures/browser.ts";
import { openUi, pb, stage } from "../fixtures/stage.ts";

/** Formatted text: nothing of it is lost, whoever wrote it, and it has pictures and tables. */
stage(() =>
  pb.collections.create({
    name: "pages",
    type: "base",
    fields: [
      { name: "title", type: "text", presentable: true },
      { name: "body", type: "editor" },
      { name: "files", type: "file", maxSelect: 9 },
    ],
  }),
);
const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30"/></svg>';

async function openPage(body: string) {
  const form = new FormData();
  form.append("title", "Home");
  form.append("body", body);
  form.append("files", new Blob([picture], { type: "image/svg+xml" }), "plan.svg");
  const { id } = await pb.collection("pages").create(form);
  const { page, close } = await openUi(`/collections/pages?record=${id}`);
  const panel = page.getByRole("complementary", { name: /^Record/ });
  const text = panel.getByRole("textbox", { name: "body" });
  await text.waitFor();
  const stored = async () => String((await pb.collection("pages").getOne(id))["body"]);
  return { id, page, close, panel, text, stored };
}

async function save(page: Page): Promise<void> {
  await page.keyboard.press("Control+s");
  await page.getByText("Record saved", { exact: true }).first().waitFor();
}

const written = [
  '<h2 id="top">Intro</h2><p style="text-align: center;">In <span style="letter-spacing: 2px;">wide</span></p>',
  '<table style="width: 100%;" border="1"><colgroup><col style="width: 50%;"><col style="width: 50%;"></colgroup>',
  '<thead><tr><th scope="col">A</th><th>B</th></tr></thead>',
  "<tbody><tr><td>one</td><td><p>two</p><p>three</p></td></tr></tbody></table>",
  '<figure class="wide"><img src="https://example.com/a.png" alt="a view" width="300"><figcaption>Cap</figcaption></figure>',
  '<p><iframe src="https://example.com/film" width="560" allowfullscreen="allowfullscreen"></iframe></p>',
  "<details><summary>More</summary><p>x<sup>2</sup></p></details>",
].join("");

test("what other editors wrote is edited at one place and kept everywhere else", async () => {
  const { page, close, panel, text, stored } = await openPage(written);
  await panel.getByRole("radio", { name: "Visual", checked: true }).waitFor();
  // Nothing of other sites is loaded, but it is said what is there.
  await text.getByRole("img", { name: "a view" }).waitFor();
  await text.getByText("<iframe>").waitFor();
  await expectAccessible(page, "formatted text with everything");
  await shot(page, "rich-text");
  await text.getByText("one", { exact: true }).click();
  await page.keyboard.press("End");
  await page.keyboard.type(" more");
  await save(page);
  expect(await stored()).toBe(written.replace("one", "one more"));
  // Undone, it is what was stored, and nothing is left to save.
  await page.keyboard.press("Control+z");
  await panel.getByText("1 change", { exact: true }).waitFor();
  await close();
});

test("what its style lays over everything leaves the rest of the text to be written, and is kept", async () => {
  const banner = '<div style="position: fixed; inset: 0; background: #c00;"><p>Banner</p></div>';
  const { page, close, text, stored } = await openPage(`<p>Below</p>${banner}`);
  await text.getByText("Below").click();
  await page.keyboard.press("End");
  await page.keyboard.type(" it");
  await save(page);
  expect(await stored()).toBe(`<p>Below it</p>${banner}`);
  await close();
});

test("what the editor can't keep is edited as its source, also when it was written there", async () => {
  const { page, close, panel, text } = await openPage("<p>plain</p>");
  await panel.getByRole("radio", { name: "Visual", checked: true }).waitFor();
  await panel.getByText("Source", { exact: true }).click();
  await text.fill("<p>plain <!-- with a note --></p>");
  await panel.getByText("Uses HTML the visual editor can't keep.").waitFor({ state: "detached" });
  await panel.getByText("Visual", { exact: true }).click();
  await panel.getByText("Editing here drops HTML it doesn't know.").waitFor();
  await panel.getByRole("button", { name: "Revert body" }).click();
  await panel.getByText("Editing here drops HTML it doesn't know.").waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await close();
  for (const html of ['<p onclick="run()">x</p>', '<p style="white-space: pre">a   b</p>']) {
    const other = await openPage(html);
    await other.panel.getByRole("radio", { name: "Source", checked: true }).waitFor();
    await other.close();
  }
});

test("marks in any order around a text are no reason to edit it as source", async () => {
  const nested = [
    "<p><em>slanted <strong>and bold</strong> again</em></p>",
    '<p><strong>see <a href="https://example.com">there</a></strong></p>',
    '<p><strong><span style="color: red;">red</span></strong></p>',
    "<p><u><strong>lined</strong></u> <s><em>out</em></s></p>",
    "<p><strong>two</strong><strong> pieces</strong></p>",
  ].join("");
  const { page, close, panel, text, stored } = await openPage(`<p>Start</p>${nested}`);
  await panel.getByRole("radio", { name: "Visual", checked: true }).waitFor();
  await text.getByText("Start").click();
  await page.keyboard.press("End");
  await page.keyboard.type("ed");
  await save(page);
  // Nothing looks different: the same words in the same marks.
  const marksOf = (html: string) =>
    page.evaluate((source) => {
      const body = new DOMParser().parseFromString(source, "text/html").body;
      const walk = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
      const all: string[] = [];
      while (walk.nextNode()) {
        const marks: string[] = [];
        for (let at = walk.currentNode.parentElement; at && at !== body; at = at.parentElement)
          marks.push(at.outerHTML.slice(0, at.outerHTML.indexOf(">") + 1));
        for (const letter of walk.currentNode.textContent ?? "") all.push(`${letter} ${marks.toSorted().join("")}`);
      }
      return all;
    }, html);
  expect(await marksOf(await stored())).toEqual(await marksOf(`<p>Started</p>${nested}`));
  await close();
});

test("where the order of marks is seen, it is kept", async () => {
  for (const order of [
    '<p><u><a href="https://example.com">lined before</a></u></p>',
    '<p><strong><span style="font-weight: normal;">not bold</span></strong></p>',
    '<p><s><span style="color: red;">red under a line</span></s></p>',
  ]) {
    const { close, panel } = await openPage(order);
    await panel.getByRole("radio", { name: "Source", checked: true }).waitFor();
    await close();
  }
});

test("the text follows what is taken back, and what others save", async () => {
  const { id, page, close, panel, text, stored } = await openPage("<p>first</p>");
  await text.getByText("first").click();
  await page.keyboard.press("End");
  await page.keyboard.type(" wish");
  await text.getByText("first wish").waitFor();
  await panel.getByRole("button", { name: "Revert body" }).click();
  await expect.poll(() => text.textContent()).toBe("first");
  await page.getByText("live", { exact: true }).waitFor();
  await pb.collection("pages").update(id, { body: "<p>theirs</p>" });
  await text.getByText("theirs", { exact: true }).click();
  await page.keyboard.press("End");
  await page.keyboard.type(" and mine");
  await save(page);
  expect(await stored()).toBe("<p>theirs and mine</p>");
  await close();
});

test("after saving the caret is where it was", async () => {
  const { page, close, panel, text, stored } = await openPage("<p>abc</p>");
  const title = panel.getByRole("textbox", { name: "title" });
  await title.click();
  await page.keyboard.press("Home");
  await page.keyboard.type("1");
  await save(page);
  await page.keyboard.type("2");
  expect(await title.inputValue()).toBe("12Home");
  await text.getByText("abc").click();
  await page.keyboard.press("Home");
  await page.keyboard.type("1");
  await save(page);
  await page.keyboard.type("2");
  await expect.poll(() => text.textContent()).toBe("12abc");
  await save(page);
  await expect.poll(stored).toBe("<p>12abc</p>");
  await close();
});

test("a picture is put into the text by its address, or from the record's own files", async () => {
  const { page, close, panel, text, stored } = await openPage("<p>See</p>");
  const tool = panel.getByRole("button", { name: "Picture" });
  const form = page.getByRole("dialog", { name: "Picture" });
  await text.getByText("See").click();
  await page.keyboard.press("End");
  await tool.click();
  await page.keyboard.type("javascript:alert(1)");
  await page.keyboard.press("Enter");
  await form.getByText("No address that a picture may have.").waitFor();
  await expectAccessible(page, "a picture");
  await shot(page, "rich-text-picture");
  await form.getByRole("textbox", { name: "Address" }).fill("https://example.com/b.png");
  await form.getByRole("textbox", { name: "Description" }).fill("a bee");
  await page.keyboard.press("Enter");
  await form.waitFor({ state: "detached" });
  await text.getByRole("img", { name: "a bee" }).waitFor();
  await tool.click();
  await form.getByRole("button", { name: /^plan_.*\.svg$/ }).click();
  await form.getByRole("button", { name: "Insert picture" }).click();
  await form.waitFor({ state: "detached" });
  await expect.poll(() => text.locator("img[src*='/api/files/']").count()).toBe(1);
  // One that is there can be described better.
  await text.getByRole("img", { name: "a bee" }).click();
  await tool.click();
  await form.getByRole("textbox", { name: "Description" }).fill("a wasp");
  await form.getByRole("button", { name: "Change picture" }).click();
  await text.getByRole("img", { name: "a wasp" }).waitFor();
  await save(page);
  expect(await stored()).toMatch(
    /^<p>See(<img src="https:\/\/example\.com\/b\.png" alt="a wasp">|<img src="http[^"]*\/api\/files\/[^"]*plan_[^"]*\.svg" alt="">){2}<\/p>$/,
  );
  await close();
});

test("a table is put in, walked by Tab, and grows and shrinks", async () => {
  const { page, close, panel, text, stored } = await openPage("<p>Prices</p>");
  await text.getByText("Prices").click();
  await page.keyboard.press("End");
  await panel.getByRole("button", { name: "Table", exact: true }).click();
  await text.getByRole("table").waitFor();
  for (const word of ["Name", "Size", "Price", "Lamp"]) {
    await page.keyboard.type(word);
    await text.getByText(word, { exact: true }).waitFor();
    await page.keyboard.press("Tab");
  }
  const tools = panel.getByRole("toolbar", { name: "Table in body" });
  await expectAccessible(page, "a table");
  await tools.getByRole("button", { name: "Delete column" }).click();
  await tools.getByRole("button", { name: "Add row below" }).click();
  await tools.getByRole("button", { name: "Add row below" }).click();
  await tools.getByRole("button", { name: "Delete row" }).click();
  await save(page);
  const row = "<tr><td></td><td></td></tr>";
  expect(await stored()).toBe(
    `<p>Prices</p><table><thead><tr><th>Name</th><th>Price</th></tr></thead><tbody>${row}${row}${row}</tbody></table>`,
  );
  await close();
});

test("what is pasted from elsewhere brings its words, not its looks", async () => {
  const { page, close, text, stored } = await openPage("<p>x</p>");
  await text.getByText("x").click();
  await page.keyboard.press("Control+a");
  const pasted =
    '<b style="font-weight:normal" id="docs"><p class="MsoNormal" style="color:blue">A <span style="font-weight:700;font-family:Arial">bold</span> word<iframe src="https://example.com"></iframe></p></b>';
  await text.evaluate((node, html) => {
    const data = new DataTransfer();
    data.setData("text/html", html);
    node.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, pasted);
  await text.getByText("bold").waitFor();
  await text.evaluate((node) => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "shot.png", { type: "image/png" }));
    node.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await page.getByText("Put the file into a file field and save").first().waitFor();
  await save(page);
  expect(await stored()).toBe("<p>A <strong>bold</strong> word</p>");
  await close();
});

test("what is typed into formatted text while it is being saved stays", async () => {
  const { page, close, panel, text, stored } = await openPage("<p>one</p>");
  const answer = await hold(page, "**/api/collections/pages/records/**", "PATCH");
  await text.getByText("one").click();
  await page.keyboard.press("End");
  await page.keyboard.type(" two");
  const sent = page.waitForRequest((request) => request.method() === "PATCH");
  await page.keyboard.press("Control+s");
  await sent;
  await page.keyboard.type(" three");
  answer();
  await page.getByText("Record saved", { exact: true }).first().waitFor();
  await page.keyboard.type(" four");
  await expect.poll(() => text.textContent()).toBe("one two three four");
  await page.keyboard.press("Control+s");
  await panel.getByText("1 change", { exact: true }).waitFor({ state: "detached" });
  await expect.poll(stored).toBe("<p>one two three four</p>");
  await close();
});
