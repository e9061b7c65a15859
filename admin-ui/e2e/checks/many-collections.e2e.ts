import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { expectAccessible } from "../fixtures/browser.ts";
import { expectVisibleFocus } from "../fixtures/keyboard.ts";
import { openUi, pb, stage } from "../fixtures/stage.ts";

const total = 400;
const nameOf = (n: number) => `table_${String(n).padStart(3, "0")}`;
stage(async () => {
  const fields = [{ name: "title", type: "text" }];
  const collections = Array.from({ length: total }, (_, n) => ({
    name: nameOf(n),
    type: "base",
    fields,
    listRule: n % 2 ? "" : null,
    viewRule: n % 3 ? null : "@request.auth.verified = true",
  }));
  await pb.send("/api/collections/import", { method: "PUT", body: { collections } });
});

const nodes = (page: Page) => page.evaluate(() => document.querySelectorAll("*").length);
const last = nameOf(total - 1);

test("the tree draws what is in sight, and the keyboard goes through all of it", async () => {
  const { page, close } = await openUi(`/collections/${nameOf(300)}`);
  const tree = page.getByRole("tree", { name: "Collections" });
  const entry = (name: string) => tree.getByRole("treeitem", { name, exact: true });
  // Where a link led is in sight, far down.
  await expect.poll(() => entry(nameOf(300)).getAttribute("aria-selected")).toBe("true");
  expect(await entry(nameOf(300)).evaluate((node) => node.getBoundingClientRect().bottom)).toBeLessThan(900);
  expect(await tree.getByRole("treeitem").count()).toBeLessThan(100);
  // Every entry says where it stands, those that are not drawn counted.
  const place = await entry(nameOf(300)).evaluate((node) => [
    Number(node.getAttribute("aria-posinset")),
    Number(node.getAttribute("aria-setsize")),
  ]);
  expect(place[1]).toBeGreaterThan(total);
  expect(place[0]).toBeLessThanOrEqual(place[1] ?? 0);

  await entry(nameOf(300)).getByRole("link").focus();
  await page.keyboard.press("ArrowDown");
  await expectFocusOn(page, nameOf(301));
  await page.keyboard.press("Home");
  await expectVisibleFocus(page);
  await page.keyboard.press("ArrowDown");
  await expectVisibleFocus(page);
  const before = await focusedName(page);
  // Scrolled away by a wheel it is still the place where the keyboard goes on.
  await tree.hover();
  await page.mouse.wheel(0, 6000);
  await entry(nameOf(200)).waitFor();
  expect(await focusedName(page)).toBe(before);
  await page.keyboard.press("ArrowUp");
  await expectVisibleFocus(page);
  await page.keyboard.press("End");
  await expectVisibleFocus(page);
  // Behind them are the accounts and what belongs to the system.
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expectFocusOn(page, last);
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`#/collections/${last}`));
  await expectFocusOn(page, last);

  await page.getByRole("searchbox", { name: "Search collections" }).fill("_02");
  await entry(nameOf(29)).waitFor();
  expect(await tree.getByRole("treeitem").count()).toBe(10);
  await expectAccessible(page, "a long tree");
  await close();
});

function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}

async function expectFocusOn(page: Page, name: string): Promise<void> {
  await expect.poll(() => focusedName(page)).toBe(name);
  await expectVisibleFocus(page);
}

/** What reaches from its cell into the next. */
function beyondCells(region: HTMLElement): string[] {
  return [...region.querySelectorAll<HTMLElement>("td > *")]
    .filter((part) => part.getBoundingClientRect().right > (part.parentElement?.getBoundingClientRect().right ?? 0))
    .map((part) => part.textContent);
}

for (const screen of [
  { name: "all collections", hash: "/collections", region: "All collections", stops: 1 },
  { name: "access", hash: "/access", region: "Access matrix", stops: 6 },
])
  test(`${screen.name}: rows out of sight cost nothing and are reached`, async () => {
    const { page, close } = await openUi(screen.hash);
    const region = page.getByRole("region", { name: screen.region });
    const link = (n: number) => region.getByRole("link", { name: nameOf(n) });
    await link(0).waitFor();
    expect(await nodes(page)).toBeLessThan(2500);
    expect(Number(await region.getByRole("table").getAttribute("aria-rowcount"))).toBeGreaterThan(total);
    await expectAccessible(page, screen.name);
    expect(await region.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
    expect(await region.evaluate(beyondCells)).toEqual([]);

    // Tab goes from row to row past what was drawn at first.
    await link(0).focus();
    for (let n = 1; n <= 40; n += 1) {
      for (let stop = 0; stop < screen.stops; stop += 1) await page.keyboard.press("Tab");
      expect(await focusedName(page)).toContain(nameOf(n));
    }
    await expectVisibleFocus(page);
    // And from where it was, once that has been scrolled away.
    await region.hover();
    await page.mouse.wheel(0, 100_000);
    await link(total - 1).waitFor();
    expect(await focusedName(page)).toContain(nameOf(40));
    for (let stop = 0; stop < screen.stops; stop += 1) await page.keyboard.press("Tab");
    expect(await focusedName(page)).toContain(nameOf(41));
    await expectVisibleFocus(page);

    // On paper nothing is left out.
    await page.emulateMedia({ media: "print" });
    await expect.poll(() => region.getByRole("link", { name: /table_/, includeHidden: true }).count()).toBe(total);
    await page.emulateMedia({ media: "screen" });
    await expect.poll(() => nodes(page)).toBeLessThan(2500);
    await close();
  });

test("a rule far down is found by name and keeps the focus of its dialog", async () => {
  const { page, close } = await openUi("/access");
  const region = page.getByRole("region", { name: "Access matrix" });
  await page.getByRole("searchbox", { name: "Search collections" }).fill("table_3");
  await region.getByRole("link", { name: nameOf(300) }).waitFor();
  await expect.poll(() => region.getByRole("link", { name: nameOf(0) }).count()).toBe(0);
  const rule = region.getByRole("button", { name: `View rule of ${nameOf(312)}` });
  await rule.click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => rule.evaluate((node) => node === document.activeElement)).toBe(true);
  await page.getByRole("searchbox", { name: "Search collections" }).fill("zzz");
  await page.getByRole("heading", { name: "No collection matches" }).waitFor();
  await close();
});

test("the diagram draws what is in sight, finds the others, and is walked by keyboard", async () => {
  const { page, close } = await openUi("/diagram");
  const canvas = page.getByRole("region", { name: "Collections and relations" });
  const card = (n: number) => canvas.getByRole("region", { name: new RegExp(`^${nameOf(n)},`) });
  await card(0).waitFor();
  const cards = () => canvas.locator("[data-card]").count();
  expect(await cards()).toBeLessThan(150);
  await page.getByRole("searchbox", { name: "Find a collection" }).fill(nameOf(390));
  await card(390).waitFor();
  await page.keyboard.press("Enter");
  const onCard = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label")?.split(",")[0] ?? "");
  await expect.poll(onCard).toBe(nameOf(390));
  await expectVisibleFocus(page);
  await page.getByRole("searchbox", { name: "Find a collection" }).fill("");
  await card(390).focus();
  // Up the column, past what is drawn around it, and from one column to another.
  const seen = new Set<string>();
  for (const key of ["ArrowUp", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowLeft"]) {
    const before = await onCard();
    await page.keyboard.press(key);
    expect(await onCard()).not.toBe(before);
    seen.add(await onCard());
    await expectVisibleFocus(page);
  }
  expect(seen.size).toBe(6);
  const place = await onCard();
  await canvas.hover();
  await page.mouse.wheel(-100_000, -100_000);
  await card(0).waitFor();
  expect(await onCard()).toBe(place);
  expect(await cards()).toBeLessThan(150);
  await expectAccessible(page, "a large diagram");
  await close();
});

test("the tables of the console show their columns when they are asked for", async (context) => {
  const { page, close } = await openUi("/sql");
  await page
    .getByRole("textbox", { name: "SQL editor" })
    .or(page.getByRole("heading", { name: "SQL not available" }))
    .waitFor();
  if ((await page.getByRole("textbox", { name: "SQL editor" }).count()) === 0) return context.skip();
  expect(await nodes(page)).toBeLessThan(2500);
  const tables = page.getByRole("complementary", { name: "Tables" });
  await tables.getByText(nameOf(7), { exact: true }).click();
  await tables.getByRole("button", { name: "title" }).click();
  expect(await page.getByRole("textbox", { name: "SQL editor" }).inputValue()).toContain("title");
  await close();
  return undefined;
});
