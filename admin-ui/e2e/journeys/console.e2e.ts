import { expect, test } from "vitest";
import { offers } from "../fixtures/api.ts";
import { shot } from "../fixtures/browser.ts";
import { openUi, pb, stage } from "../fixtures/stage.ts";

let skipped = false;
stage(async () => {
  skipped = !(await offers(pb, "/api/sql", "POST")) || !(await offers(pb, "/api/stead/prefs"));
  await pb.collections.create({
    name: "desks",
    type: "base",
    fields: [
      { name: "title", type: "text" },
      { name: "price", type: "number" },
    ],
  });
  for (let n = 1; n <= 3; n += 1) await pb.collection("desks").create({ title: `Desk ${n}`, price: n * 100 });
});

const keep = (value: { name: string; text: string }[]) =>
  pb.send("/api/stead/prefs/me/sql.queries", { method: "PUT", body: { value } });

test("a saved query runs whole, whatever was selected before, and is shown before it writes", async (context) => {
  if (skipped) return context.skip();
  const statement = "UPDATE desks SET price=1 WHERE title='Desk 1'";
  await keep([{ name: "one", text: statement }]);
  const { page, close } = await openUi("/sql");
  const editor = page.getByRole("textbox", { name: "SQL editor" });
  await editor.fill("SELECT * FROM desks WH1");
  await editor.press("Control+a");
  await page.getByRole("button", { name: "one", exact: true }).click();
  expect(await editor.inputValue()).toBe(statement);
  await page.getByRole("switch", { name: "Read only" }).click();
  await page.getByRole("button", { name: /^Run/ }).click();
  const question = page.getByRole("alertdialog", { name: "Run a statement that changes data?" });
  await question.getByText(statement, { exact: true }).waitFor();
  await shot(page, "sql-confirm");
  await question.getByRole("button", { name: "Run" }).click();
  await page.getByText("1 row affected").waitFor();
  const prices = (await pb.collection("desks").getFullList({ sort: "title" })).map((desk) => desk["price"]);
  expect(prices).toEqual([1, 200, 300]);
  await close();
});

test("with many saved queries the result is in reach on a small screen", async (context) => {
  if (skipped) return context.skip();
  await keep(Array.from({ length: 40 }, (_, n) => ({ name: `Monthly report ${n}`, text: `SELECT ${n}` })));
  for (const viewport of [
    { width: 390, height: 844 },
    { width: 720, height: 450 },
  ]) {
    const { page, close } = await openUi("/sql", { viewport });
    await page.getByRole("textbox", { name: "SQL editor" }).fill("SELECT title FROM desks");
    await page.getByRole("button", { name: "Monthly report 39", exact: true }).waitFor();
    await page.getByRole("button", { name: /^Run/ }).click();
    const cell = page.getByRole("table", { name: "Query result" }).getByText("Desk 3");
    await cell.scrollIntoViewIfNeeded();
    const box = await cell.boundingBox();
    expect(box?.height).toBeGreaterThan(10);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(viewport.height);
    await shot(page, `sql-many-${viewport.width}`);
    await close();
  }
});
