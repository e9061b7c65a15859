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
