import { expect, test } from "vitest";
import { expectAccessible, signIn, visit } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { browser, openUi, pb, server, stage } from "../fixtures/stage.ts";

const total = 1000;
stage(async () => {
  await pb.settings.update({ batch: { enabled: true, maxRequests: 1000, timeout: 60 } });
  const columns = Array.from({ length: 38 }, (_, n) => ({ name: `c${n}`, type: "text" }));
  await pb.collections.create({
    name: "events",
    type: "base",
    fields: [
      { name: "title", type: "text", presentable: true },
      { name: "n", type: "number" },
      ...columns,
      { name: "created", type: "autodate", onCreate: true },
    ],
  });
  for (let from = 0; from < total; from += 500) {
    const batch = pb.createBatch();
    for (let n = from; n < from + 500; n += 1)
      batch.collection("events").create({ title: `Event ${n}`, n: Math.floor(n / 7), c0: "x", c20: "y" });
    await batch.send();
  }
});

test("a long and wide table stays light", async () => {
  const { page, close } = await visit(browser, server);
  const lists: URL[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname.endsWith("/events/records")) lists.push(url);
  });
  await signIn(page, server, "/collections/events?sort=n");
  const grid = page.getByRole("grid", { name: "events records" });
  await grid.getByRole("link", { name: "Event 6", exact: true }).waitFor();
  await page.getByRole("contentinfo", { name: "Table status" }).getByText("1,000 records").waitFor();
  const nodes = () => page.evaluate(() => document.querySelectorAll("*").length);
  expect(await nodes()).toBeLessThanOrEqual(2500);

  const seen = new Set<number>();
  await grid.getByRole("gridcell").nth(2).focus();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-cell") ?? "");
  for (let step = 0; step < 400 && seen.size < total; step += 1) {
    const before = await focused();
    await page.keyboard.press("PageDown");
    await expect.poll(async () => !["", before].includes(await focused())).toBe(true);
    await expect
      .poll(() => grid.locator("[role=row][aria-busy=true]").count(), { timeout: patience(10_000), interval: 30 })
      .toBe(0);
    for (const title of await grid.getByRole("link").locator(".sr-only").allTextContents())
      seen.add(Number(title.slice(6)));
  }
  expect(seen.size).toBe(total);
  expect(await nodes()).toBeLessThanOrEqual(2500);
  for (const url of lists) {
    expect(Number(url.searchParams.get("perPage") ?? "30")).toBeLessThanOrEqual(200);
    expect(Number(url.searchParams.get("page") ?? "1")).toBe(1);
  }
  const counting = lists.filter(
    (url) => url.searchParams.get("skipTotal") !== "true" && url.searchParams.get("skipTotal") !== "1",
  );
  expect(counting.length).toBeLessThanOrEqual(2);
  await close();
});

test("rows that take over the elements of others keep focus and order", async () => {
  const { page, close } = await openUi("/collections/events?sort=n");
  const grid = page.getByRole("grid", { name: "events records" });
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-cell") ?? "");
  await grid.getByRole("row").nth(4).getByRole("gridcell").nth(2).click();
  expect(await focused()).toBe("3:2");
  await page.mouse.wheel(0, 2000);
  await grid.getByRole("row", { selected: false }).filter({ hasText: "Event 60" }).waitFor();
  // The cell is out of sight, and no other one has its focus.
  expect(await focused()).toBe("");
  const read = [...(await grid.ariaSnapshot()).matchAll(/link "Event (\d+)"/g)].map((found) => Number(found[1]));
  expect(read.length).toBeGreaterThan(20);
  expect(read[0]).toBeGreaterThan(10);
  expect(await grid.evaluate((node) => node === document.activeElement)).toBe(true);
  const places = await grid
    .getByRole("row")
    .evaluateAll((rows) => rows.slice(1).map((row) => [row.id, Number(row.getAttribute("aria-rowindex"))] as const));
  const owned = (await grid.getByRole("rowgroup").last().getAttribute("aria-owns"))?.split(" ");
  expect(owned).toEqual(places.toSorted((a, b) => a[1] - b[1]).map(([id]) => id));
  await expectAccessible(page, "scrolled");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await expect.poll(focused).toBe("4:2");
  await close();
});

test("rows come after those that were waited for", async () => {
  const { page, close } = await openUi("/collections/events?sort=n");
  const grid = page.getByRole("grid", { name: "events records" });
  await grid.getByRole("link", { name: "Event 6", exact: true }).hover();
  const bottom = () =>
    grid
      .getByRole("row")
      .evaluateAll((rows) => Math.max(...rows.map((row) => Number(row.getAttribute("aria-rowindex")))));
  const scroll = async (by: number) => {
    const before = await bottom();
    await page.mouse.wheel(0, by);
    await expect.poll(bottom).toBeGreaterThan(before);
    await expect.poll(() => grid.locator("[role=row][aria-busy=true]").count()).toBe(0);
  };
  for (let round = 0; round < 4; round += 1) {
    // Down to where nothing is known yet, in one go, and then a little further.
    await scroll(100_000);
    await scroll(360);
  }
  await close();
});

test("the page behind a dialog stays where it is", async () => {
  const { page, close } = await openUi("/collections/events?sort=n");
  const third = page.locator("[role=grid] [aria-rowindex='3']");
  await third.first().waitFor();
  // Nothing once the row has left the page: asking for its box would wait for it to come back.
  const place = () => third.evaluateAll((rows) => rows[0]?.getBoundingClientRect().y);
  const before = await place();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Command palette" });
  await palette.waitFor();
  await page.mouse.move(1300, 700);
  await page.mouse.wheel(0, 400);
  await page.mouse.click(1300, 700);
  await palette.waitFor({ state: "hidden" });
  expect(await place()).toBe(before);
  expect(page.url()).toContain("#/collections/events?sort=n");
  // And it can be reached again.
  await page.mouse.wheel(0, 400);
  await expect.poll(place).not.toBe(before);
  await close();
});
