import { Buffer } from "node:buffer";
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect, test } from "vitest";
import { seedCategories, seedProducts } from "../fixtures/api.ts";
import { expectAccessible, shot } from "../fixtures/browser.ts";
import { openUi, pb, stage } from "../fixtures/stage.ts";

/** The record form with what people type and keep in it. */
stage(async () => {
  await seedProducts(pb, await seedCategories(pb));
});

const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("text that is no date or number is not saved, and not lost", async () => {
  const { id } = await pb
    .collection("products")
    .create({ title: "Oak lamp", price: 12, launch: "2026-03-01 10:30:00Z" });
  const { page, close } = await openUi(`/collections/products?record=${id}`);
  const panel = page.getByRole("complementary", { name: "Record Oak lamp" });
  const box = (name: string) => panel.getByRole("textbox", { name, exact: true });
  await box("launch").fill("31.12.2026");
  await box("launch").press("Control+s");
  await panel.getByRole("alert").getByText("1 field needs attention: launch").waitFor();
  await panel.getByText("“31.12.2026” is not a date. Write it as 2026-03-01 10:30.").waitFor();
  expect(await box("launch").getAttribute("aria-invalid")).toBe("true");
  await box("title").fill("Oak lamp XL");
  await box("price").fill("1e400");
  await box("price").press("Control+s");
  await panel.getByRole("alert").getByText("2 fields need attention: price, launch").waitFor();
  await panel.getByText("“1e400” is too large a number.").waitFor();
  await expectAccessible(page, "wrong fields");
  await shot(page, "wrong-fields");
  expect((await pb.collection("products").getOne(id))["title"]).toBe("Oak lamp");
  await panel.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("alertdialog", { name: "Discard unsaved changes?" }).getByText("launch").waitFor();
  await page.getByRole("button", { name: "Keep editing" }).click();
  expect(await box("launch").inputValue()).toBe("31.12.2026");
  await box("launch").fill("2026-12-31 12:00");
  await box("price").fill("abc");
  await panel.getByText("“abc” is not a number.").waitFor();
  await panel.getByRole("button", { name: "Revert price" }).click();
  expect(await box("price").inputValue()).toBe("12");
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("status").getByText("Record saved").waitFor();
  const saved = await pb.collection("products").getOne(id);
  expect([saved["title"], saved["price"], saved["launch"]]).toEqual(["Oak lamp XL", 12, "2026-12-31 11:00:00.000Z"]);
  await close();
});

test("the zone beside a date is the one of that date, read out too", async () => {
  const { page, close } = await openUi("/collections/products?record=new");
  const panel = page.getByRole("complementary", { name: "New record in products" });
  const begins = panel.getByRole("textbox", { name: "launch", exact: true });
  for (const [date, zone] of [
    ["2026-07-01 10:30", "GMT+2"],
    ["2026-12-01 10:30", "GMT+1"],
  ] as const) {
    await begins.fill(date);
    const button = panel.getByRole("button", { name: `Times are shown in ${zone}. Switch to UTC` });
    await button.waitFor();
    expect(await button.textContent()).toBe(zone);
  }
  await begins.fill("");
  await close();
});

test("a new record with a wrong date is not created", async () => {
  const { page, close } = await openUi("/collections/products?record=new");
  const panel = page.getByRole("complementary", { name: "New record in products" });
  await panel.getByRole("textbox", { name: "title", exact: true }).fill("Misdated");
  await panel.getByRole("textbox", { name: "launch", exact: true }).fill("2026-13-45");
  await panel.getByRole("textbox", { name: "Latitude of place" }).fill("north");
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await panel.getByRole("alert").getByText("2 fields need attention: launch, place").waitFor();
  expect((await pb.collection("products").getFullList({ filter: 'title = "Misdated"' })).length).toBe(0);
  await panel.getByRole("textbox", { name: "launch", exact: true }).fill("");
  await panel.getByRole("textbox", { name: "Latitude of place" }).fill("52.5");
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("status").getByText("Record created").waitFor();
  await close();
});

/** How far the page has moved, and what stands outside of the window to the side. */
function astray(page: Page) {
  return page.evaluate(() => {
    const moved = [document.documentElement, document.body, document.getElementById("root")].map((node) => [
      node?.scrollTop ?? 0,
      node?.scrollLeft ?? 0,
    ]);
    const outside = [...document.querySelectorAll("button, input, textarea, a, h2")].filter((node) => {
      const { left, right, width } = node.getBoundingClientRect();
      return width > 1 && (left < -1 || right > window.innerWidth + 1) && node.closest("[role=grid]") === null;
    });
    return {
      moved: moved.flat().filter((by) => by !== 0),
      outside: outside.map((node) => node.outerHTML.slice(0, 120)),
    };
  });
}

const sizes: [string, BrowserContextOptions][] = [
  ["beside the table", {}],
  ["on a phone", { viewport: { width: 390, height: 844 } }],
];

test.each(sizes)(
  "a form with long values keeps to its panel, and the page stays where it is, %s",
  async (where, options) => {
    const name = `${"a-long-file-name-".repeat(6)}.png`;
    const title = "W".repeat(80);
    const { id } = await pb.collection("products").create({
      title,
      contact: `${"c".repeat(60)}@example.com`,
      photos: [new File([pixel], name, { type: "image/png" }), new File([pixel], "b.png", { type: "image/png" })],
    });
    const { page, close } = await openUi(`/collections/products?record=${id}`, options);
    await page.getByRole("list", { name: "Files of photos" }).getByRole("listitem").nth(1).waitFor();
    expect(await astray(page)).toEqual({ moved: [], outside: [] });
    await shot(page, `long-values-${where}`);
    for (const field of ["photos", "manual"]) {
      const choose = page.getByLabel(field, { exact: true }).last();
      await choose.focus();
      expect(await astray(page), field).toEqual({ moved: [], outside: [] });
      // Who tabs there sees where they are.
      expect(
        await choose.evaluate((node) => {
          const box = node.parentElement?.getBoundingClientRect();
          return box !== undefined && box.top >= 0 && box.bottom <= window.innerHeight;
        }),
      ).toBe(true);
      const [chooser] = await Promise.all([
        page.waitForEvent("filechooser"),
        page.getByText(field === "photos" ? "Choose files" : "Choose a file").click(),
      ]);
      await chooser.setFiles([]);
      expect(await astray(page), field).toEqual({ moved: [], outside: [] });
    }
    await pb.collection("products").delete(id);
    await close();
  },
);
