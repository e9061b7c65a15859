import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { offers } from "../fixtures/api.ts";
import { expectAccessible, shot, signIn, visit } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { browser, pb, server, stage } from "../fixtures/stage.ts";

/** A table that nobody reads to the end. Rows come through the SQL console; a server without one is left out. */
const total = 300_000;
let able = false;

stage(async () => {
  able = await offers(pb, "/api/sql", "POST");
  if (!able) return;
  await pb.settings.update({ batch: { enabled: true, maxRequests: 50, timeout: 30 } });
  await pb.collections.create({
    name: "events",
    type: "base",
    fields: [
      { name: "title", type: "text", presentable: true },
      { name: "kind", type: "select", values: ["click", "view"], maxSelect: 1 },
      { name: "amount", type: "number" },
      ...Array.from({ length: 12 }, (_, n) => ({ name: `note${n}`, type: "text" })),
      { name: "created", type: "autodate", onCreate: true },
    ],
    indexes: ["CREATE INDEX `idx_events_created` ON `events` (`created`, `id`)"],
  });
  const part = 50_000;
  for (let from = 0; from < total; from += part) {
    await pb.sql.run(
      `INSERT INTO events (id, title, kind, amount, created)
       WITH RECURSIVE n(i) AS (SELECT ${from + 1} UNION ALL SELECT i + 1 FROM n WHERE i < ${from + part})
       SELECT printf('e%014d', i), 'Event ' || i, 'click', (i * 7919) % 100003,
              strftime('%Y-%m-%d %H:%M:%S.000Z', '2024-01-01', '+' || (i * 3) || ' minutes') FROM n`,
    );
  }
});

const grid = (page: Page) => page.getByRole("grid", { name: "events records" });
const nodes = (page: Page) => page.evaluate(() => document.querySelectorAll("*").length);

async function settled(page: Page): Promise<void> {
  await expect
    .poll(() => grid(page).locator("[role=row][aria-busy=true]").count(), { timeout: patience(10_000), interval: 20 })
    .toBe(0);
}

test(
  "three hundred thousand rows",
  async (context) => {
    if (!able) return context.skip();
    const { page, close } = await visit(browser, server);
    const lists: URL[] = [];
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.pathname.endsWith("/events/records")) lists.push(url);
    });
    await signIn(page, server, "/collections/events?sort=created");
    await grid(page).getByRole("link", { name: "Event 1", exact: true }).waitFor();
    // Rows first, and the count after them.
    expect(lists[0]?.searchParams.get("skipTotal")).toMatch(/^(1|true)$/);
    await page.getByRole("contentinfo", { name: "Table status" }).getByText("300,000 records").waitFor();
    expect(await nodes(page)).toBeLessThanOrEqual(2500);

    await page.evaluate(() => {
      const times: number[] = [];
      Reflect.set(window, "longTasks", times);
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) times.push(entry.duration);
      }).observe({ type: "longtask" });
    });
    await grid(page).getByRole("link", { name: "Event 1", exact: true }).focus();
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const computing = async () =>
      ((await session.send("Performance.getMetrics")).metrics.find((one) => one.name === "ThreadTime")?.value ?? 0) *
      1000;
    const before = await computing();
    let last = 0;
    let pages = 0;
    for (let step = 0; step < 400 && last < 5000; step += 1) {
      await page.keyboard.press("PageDown");
      pages += 1;
      if (step % 3 === 0) {
        await settled(page);
        const titles = await grid(page).getByRole("link").locator(".sr-only").allTextContents();
        last = Math.max(...titles.map((title) => Number(title.slice(6))));
      }
      if (step % 60 === 0) expect(await nodes(page)).toBeLessThanOrEqual(2500);
    }
    expect(last).toBeGreaterThanOrEqual(5000);
    const long: number[] = await page.evaluate(() => Reflect.get(window, "longTasks"));
    // Time on the clock depends on what else the machine does; time spent computing less so.
    const each = Math.round((await computing()) - before) / pages;
    const slow = long.filter((duration) => duration > 100).map(Math.round);
    process.stdout.write(
      `scrolling 5,000 rows: ${each.toFixed(1)} ms of computing a page; over 100 ms: ${slow.join(" ") || "none"}\n`,
    );

    await page.keyboard.press("Control+g");
    const goTo = page.getByRole("dialog", { name: "Go to" });
    await goTo.getByLabel("created ≥").fill("2024-03-01");
    await expectAccessible(page, "go to");
    await shot(page, "go-to");
    const from = Date.now();
    await page.keyboard.press("Enter");
    // The day begins where the table says so, in Berlin.
    const day = "created >= '2024-02-29 23:00:00.000Z'";
    const first = await pb.collection("events").getFirstListItem(day, { sort: "created,id" });
    await grid(page)
      .getByRole("link", { name: String(first["title"]), exact: true })
      .waitFor();
    process.stdout.write(`jump: ${Date.now() - from} ms\n`);
    await page
      .getByRole("note", { name: "Place in the list" })
      .getByText("Showing from created ≥ 2024-03-01 on.")
      .waitFor();
    await settled(page);
    await shot(page, "jumped");
    await page.getByRole("button", { name: "Earlier rows" }).click();
    const earlier = Number(String(first["title"]).slice(6)) - 100;
    await grid(page)
      .getByRole("link", { name: `Event ${earlier}`, exact: true })
      .waitFor();

    await grid(page).getByRole("link").first().focus();
    await page.keyboard.press("Control+End");
    await grid(page).getByRole("link", { name: "Event 300000", exact: true }).waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.closest("[role=row]")?.textContent))
      .toContain("300000");
    expect(await nodes(page)).toBeLessThanOrEqual(2500);
    await page.getByRole("button", { name: "From the start" }).click();
    await grid(page).getByRole("link", { name: "Event 1", exact: true }).waitFor();

    await page.getByRole("columnheader", { name: "amount" }).getByRole("button").click();
    const cost = page.getByRole("note", { name: "Cost of this order" });
    await cost.getByText("Sorting 300,000 rows by amount reads the whole table.").waitFor();
    await expectAccessible(page, "cost of an order");
    await shot(page, "cost");
    await cost.getByRole("button", { name: "Create index" }).click();
    await page
      .getByRole("status")
      .getByText("Index on amount created")
      .waitFor({ timeout: patience(20_000) });
    await cost.waitFor({ state: "hidden" });
    expect((await pb.collections.getOne("events")).indexes.some((sql) => sql.includes("amount"))).toBe(true);
    await settled(page);

    await page.getByRole("checkbox", { name: "Select all loaded" }).click();
    const bar = page.getByRole("region", { name: "Selection" });
    await bar.getByRole("button", { name: "Select all 300,000 matching" }).click();
    await bar.getByText("300,000 selected").waitFor();
    await bar.getByRole("button", { name: "Edit fields" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit 300,000 records of events" });
    await dialog.getByRole("checkbox", { name: "Set kind" }).click();
    await dialog.getByRole("combobox", { name: "New kind" }).click();
    await page.getByRole("option", { name: "view" }).click();
    await dialog.getByRole("button", { name: "Apply to 300,000 records" }).click();
    await page.getByText(/^[1-9][\d,]* of 300,000 updated/).waitFor({ timeout: patience(20_000) });
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByText(/^[\d,]+ of 300,000 updated, then stopped/).waitFor({ timeout: patience(20_000) });
    await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).last().click();
    const changed = (await pb.collection("events").getList(1, 1, { filter: 'kind = "view"' })).totalItems;
    expect(changed).toBeGreaterThan(0);
    expect(changed).toBeLessThan(total);

    for (const url of lists) {
      expect(Number(url.searchParams.get("perPage") ?? "30")).toBeLessThanOrEqual(200);
      expect(Number(url.searchParams.get("page") ?? "1")).toBe(1);
    }
    await close();
    return undefined;
  },
  patience(240_000),
);
