import type { BrowserContextOptions, Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import { accessibilityProblems, shot } from "../fixtures/browser.ts";
import { screensOf, scripts, seedScreens } from "../fixtures/screens.ts";
import { looks, startEditable } from "../fixtures/server.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

let recordId = "";
stage(
  async () => {
    recordId = await seedScreens(pb);
  },
  () => startEditable(scripts),
);

const sizes: [string, BrowserContextOptions][] = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["phone", { colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ["small-dark", { colorScheme: "dark", viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true }],
  ["tablet", { colorScheme: "light", viewport: { width: 768, height: 1024 } }],
];

const twoSizes = sizes.filter(([size]) => size === "light" || size === "small-dark");

const screens = screensOf(() => recordId);

describe.each(looks(sizes, twoSizes))("%s", (size, options) => {
  test("every screen is accessible and fits", async () => {
    const { page, close } = await openUi(undefined, options);
    const trouble: string[] = [];
    for (const screen of screens) {
      await page.goto(`${server.ui}#${screen.hash()}`);
      await screen.ready(page);
      for (const problem of await accessibilityProblems(page)) trouble.push(`${screen.name}: ${problem}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overflow > 0) trouble.push(`${screen.name} scrolls sideways by ${overflow}`);
      const cut = await page
        .getByRole("list", { name: "products records" })
        .getByRole("listitem")
        .evaluateAll((cards) => cards.filter((card) => card.scrollHeight > card.clientHeight).length);
      expect(cut, `${screen.name} ${size} has cards that are too small`).toBe(0);
      await shot(page, `${screen.name}-${size}`);
    }
    expect(trouble).toEqual([]);
    await close();
  });
});

async function top(what: Locator): Promise<number> {
  return Math.round((await what.boundingBox())?.y ?? Number.NaN);
}

test("choices and buttons that belong together stand in one line on a phone", async () => {
  const { page, close } = await openUi("/collections/users?tab=rules", {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const choice = page.getByRole("radiogroup", { name: "Who may: list" });
  const first = await top(choice.getByRole("radio", { name: "Superusers only" }));
  expect(await top(choice.getByRole("radio", { name: "Only if…" }))).toBe(first);
  await page.goto(`${server.ui}#/sql`);
  const save = page.getByRole("button", { name: "Save query" });
  expect(await top(save)).toBe(await top(page.getByRole("button", { name: "Run" })));
  await close();
});

test("names that tests and assistive technology rely on", async () => {
  const { page, close } = await openUi(`/collections/products?record=${recordId}`);
  const names = [
    page.getByRole("banner"),
    ...["Overview", "Data", "Access", "Logs", "SQL", "Jobs", "Settings"].map((name) =>
      page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }),
    ),
    page.getByRole("complementary", { name: "Collections" }),
    page.getByRole("tree", { name: "Collections" }).getByRole("treeitem", { name: "products" }),
    page.getByRole("searchbox", { name: "Search collections" }),
    page.getByRole("button", { name: "New collection" }),
    page.getByRole("tab", { name: "Records" }),
    page.getByRole("tab", { name: "Schema" }),
    page.getByRole("tab", { name: "Rules" }),
    page.getByRole("combobox", { name: "Filter records" }),
    page.getByRole("button", { name: "View: All" }),
    page.getByRole("button", { name: "Columns" }),
    page.getByRole("button", { name: "New record" }),
    page.getByRole("button", { name: "Actions for Walnut desk 30" }),
    page.getByRole("grid", { name: "products records" }).getByRole("columnheader", { name: "title" }),
    page.getByRole("checkbox", { name: "Select all loaded" }),
    page.getByRole("checkbox", { name: "Select Walnut desk 30" }),
    page.getByRole("contentinfo", { name: "Table status" }),
    page.getByRole("complementary", { name: "Record Walnut desk 30" }),
    page.getByRole("button", { name: "Save", exact: true }),
    page.getByRole("button", { name: "Save and close" }),
    page.getByRole("button", { name: "Previous record" }),
    page.getByRole("button", { name: "Next record" }),
    page.getByRole("button", { name: "More actions" }),
    page.getByRole("region", { name: "Notifications" }),
  ];
  for (const name of names) await name.first().waitFor({ state: "attached" });
  await close();
});

test("the table works by keyboard alone", async () => {
  const { page, close } = await openUi("/collections/products");
  const grid = page.getByRole("grid", { name: "products records" });
  await grid.getByRole("link", { name: "Walnut desk 30" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-cell"));
  expect(await focused()).toBe("1:3");
  await page.keyboard.press("End");
  await expect.poll(focused).toMatch(/^1:1\d$/);
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+Space");
  await page.getByRole("region", { name: "Selection" }).getByText("1 selected").waitFor();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Record Walnut desk 30" }).waitFor();
  await close();
});

test("keys that come faster than the page is drawn are not lost", async () => {
  const { page, close } = await openUi(undefined, { viewport: { width: 1300, height: 500 } });
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  async function press(...keys: string[]) {
    for (const key of keys) await page.keyboard.press(key);
  }
  await page.goto(`${server.ui}#/settings/appearance`);
  const density = page.getByRole("radiogroup", { name: "Rows" });
  await density.getByRole("radio", { checked: true }).focus();
  await press("ArrowRight", "ArrowLeft", "ArrowLeft");
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-checked"))).toBe("true");
  await density.getByRole("radio", { name: "Compact", checked: true }).waitFor();
  await page.goto(`${server.ui}#/collections/products`);
  const grid = page.getByRole("grid", { name: "products records" });
  await grid.getByRole("link", { name: "Walnut desk 30" }).focus();
  await press("Control+End", "Control+Home", "ArrowRight", "Shift+Space", "End", "Home", "ArrowRight", "ArrowRight");
  await press("ArrowDown", "ArrowRight", "7", "7", "Enter", "8", "8", "Enter", "Control+Home", "ArrowRight", "Enter");
  await page.getByRole("complementary", { name: "Record Walnut desk 30" }).waitFor();
  await page.getByRole("region", { name: "Selection" }).getByText("1 selected").waitFor();
  await page.getByRole("region", { name: "Pending changes" }).getByText("2 changes in 2 rows").waitFor();
  // Before it, unseen, stands what the cell was.
  const written = (place: string) =>
    grid.locator(`[data-cell="${place}"]`).evaluate((cell) => cell.lastChild?.textContent);
  await expect.poll(() => written("1:3")).toBe("77");
  await expect.poll(() => written("2:3")).toBe("88");
  await close();
});
