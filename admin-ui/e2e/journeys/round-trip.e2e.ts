import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { openUi, pb, stage } from "../fixtures/stage.ts";

/** A file that was exported is imported again, and everything is as it was. */
stage(async () => {
  await pb.collections.create({
    name: "things",
    type: "base",
    fields: [
      { name: "name", type: "text", presentable: true },
      { name: "note", type: "text" },
      { name: "amount", type: "number" },
      { name: "ready", type: "bool" },
      { name: "due", type: "date" },
      { name: "kinds", type: "select", values: ["a", "b, or c", "d|e"], maxSelect: 3 },
      { name: "data", type: "json" },
      { name: "place", type: "geoPoint" },
    ],
  });
});

const written = [
  {
    name: "'=1+1",
    note: 'two\nlines, "quoted"',
    amount: -2.5,
    ready: true,
    due: "2026-03-01 09:30:00.000Z",
    kinds: ["b, or c", "d|e"],
    data: ["x", "y"],
    place: { lon: 7.5, lat: -51 },
  },
  { name: "-5 °C", note: "", amount: 0, ready: false, due: "", kinds: ["a"], data: "7", place: { lon: 0, lat: 0 } },
  { name: "plain", note: "'", amount: 7, ready: true, due: "", kinds: [], data: null, place: { lon: 0, lat: 0 } },
];

test.each(["CSV", "JSON", "NDJSON"])("through %s", async (format) => {
  const things = pb.collection("things");
  for (const thing of written) await things.create(thing);
  const all = async () => (await things.getFullList({ sort: "id" })).map((record) => ({ ...record }));
  const before = await all();
  const { page, close } = await openUi("/collections/things");
  const menu = async (name: string) => {
    await page.getByRole("button", { name: "Import and export" }).click();
    await page.getByRole("menuitem", { name }).click();
  };
  await page.getByRole("link", { name: "plain" }).waitFor();
  await menu("Export…");
  const dialog = page.getByRole("dialog", { name: "Export things" });
  await dialog.getByRole("radio", { name: format, exact: true }).click();
  await dialog.getByRole("radio", { name: "All", exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Export 3 records" }).click(),
  ]);
  const file = { name: "things.txt", mimeType: "text/plain", buffer: await readFile(await download.path()) };
  for (const { id } of before) await things.delete(id);
  await menu("Import…");
  const taking = page.getByRole("dialog", { name: "Import into things" });
  await taking.getByLabel("File to import").setInputFiles(file);
  await taking.getByRole("button", { name: "Import 3 records" }).click();
  await page.getByRole("status").getByText("3 records imported").waitFor();
  expect(await all()).toEqual(before);
  for (const { id } of before) await things.delete(id);
  await close();
});
