import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { offers } from "../fixtures/api.ts";
import { accessibilityProblems, shot } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { scripts, seedScreens } from "../fixtures/screens.ts";
import { looks, startEditable } from "../fixtures/server.ts";
import { openUi, pb, server, stage } from "../fixtures/stage.ts";

let recordId = "";
stage(
  async () => {
    recordId = await seedScreens(pb);
  },
  () => startEditable(scripts),
);

type Layer = {
  name: string;
  hash: () => string;
  open: (page: Page) => Promise<unknown>;
  role?: "dialog" | "alertdialog" | "menu";
  /** Not every server has what it is about. */
  beyond?: boolean;
};
const click = (name: string | RegExp) => (page: Page) =>
  page.getByRole("button", { name, exact: true }).first().click();
const menu = (button: string | RegExp, item: string) => async (page: Page) => {
  await click(button)(page);
  await page.getByRole("menuitem", { name: item }).click();
};
const records = () => "/collections/products";
const select = (then: string) => async (page: Page) => {
  await page.getByRole("checkbox", { name: "Select Walnut desk 30" }).click();
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: then }).click();
};

/** Whatever opens over a screen. */
const layers: Layer[] = [
  { name: "palette", hash: records, open: (page) => page.keyboard.press("Control+k") },
  { name: "account", hash: records, role: "menu", open: click(/^Account/) },
  { name: "columns", hash: records, open: click("Columns") },
  { name: "save-view", hash: records, open: menu(/^View:/, "Save view…") },
  { name: "go-to", hash: records, open: menu("Import and export", "Go to…") },
  { name: "see-as", hash: records, open: menu("Import and export", "See as…") },
  { name: "import", hash: records, open: menu("Import and export", "Import…") },
  { name: "export", hash: records, open: menu("Import and export", "Export…") },
  { name: "edit-fields", hash: records, open: select("Edit fields") },
  { name: "delete-records", hash: records, role: "alertdialog", open: select("Delete") },
  {
    name: "record-menu",
    hash: () => `/collections/products?record=${recordId}`,
    role: "menu",
    open: click("More actions"),
  },
  { name: "folder", hash: records, open: menu("Actions for products", "Move to folder…") },
  { name: "delete-all", hash: records, role: "alertdialog", open: menu("Actions for products", "Delete all records…") },
  { name: "add-field", hash: () => "/collections/products?tab=schema", role: "menu", open: click("Add field") },
  { name: "templates", hash: () => "/collections", open: click("Templates") },
  { name: "rule", hash: () => "/access", open: click(/^Update rule of products/) },
  {
    name: "review",
    hash: () => "/collections/products?tab=schema",
    open: async (page) => {
      await page
        .getByRole("group", { name: "price", exact: true })
        .getByRole("button", { name: "Remove field" })
        .click();
      await click("Review changes")(page);
    },
  },
  { name: "new-relation", hash: () => "/diagram", beyond: true, open: click("Add relation") },
  { name: "new-script", hash: () => "/hooks", beyond: true, open: click("New file") },
  { name: "superuser", hash: () => "/settings/superusers", open: click("Add superuser") },
];

describe.each(looks<"light" | "dark">(["light", "dark"], ["dark"]))("%s", (theme) => {
  test(
    "everything that opens is accessible, and gives the focus back",
    async () => {
      const { page, close } = await openUi(undefined, { colorScheme: theme });
      const trouble: string[] = [];
      page.on("dialog", (dialog) => void dialog.accept());
      const goesBeyond = await offers(pb, "/api/stead/capabilities");
      for (const { name, hash, open, role = "dialog", beyond = false } of layers) {
        if (beyond && !goesBeyond) continue;
        // Nothing is left of the layer before.
        await page.goto("about:blank");
        await page.goto(`${server.ui}#${hash()}`);
        await page.getByRole("main").getByRole("heading").first().waitFor();
        await open(page);
        const layer = page.getByRole(role).last();
        await layer.waitFor();
        const inside = await layer.evaluate((node) => node.contains(document.activeElement));
        if (!inside) trouble.push(`${name}: the focus stays outside`);
        for (const problem of await accessibilityProblems(page)) trouble.push(`${name}: ${problem}`);
        await shot(page, `layer-${name}-${theme}`);
        await page.keyboard.press("Escape");
        await layer.waitFor({ state: "hidden" });
        // The focus comes back a moment after the layer has gone.
        const lost = await page
          .waitForFunction(() => document.activeElement !== document.body, null, { timeout: patience(10_000) })
          .then(
            () => false,
            () => true,
          );
        if (lost && name !== "palette") trouble.push(`${name}: the focus is lost`);
      }
      expect(trouble).toEqual([]);
      await close();
    },
    patience(180_000),
  );
});

test("what lies over a page goes with it when Back is pressed", async () => {
  const { page, close } = await openUi("/jobs");
  const openers: ((on: Page) => Promise<unknown>)[] = [
    (on) => on.keyboard.press("Control+k"),
    (on) => on.keyboard.press("?"),
    menu("Actions for products", "Delete all records…"),
  ];
  for (const openIt of openers) {
    await page.evaluate(() => window.location.assign("#/jobs"));
    await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
    await page.evaluate(() => window.location.assign("#/collections/products"));
    await page.getByRole("link", { name: "Walnut desk 30" }).waitFor();
    await openIt(page);
    const layer = page.locator("[role=dialog], [role=alertdialog]");
    await layer.waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
    await layer.waitFor({ state: "detached" });
  }
  // The tree of a phone as well.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.evaluate(() => window.location.assign("#/collections/products"));
  await page.getByRole("link", { name: "Walnut desk 30" }).waitFor();
  await page.getByRole("button", { name: "Collections", exact: true }).click();
  await page.getByRole("tree", { name: "Collections" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
  await page.getByRole("tree", { name: "Collections" }).waitFor({ state: "detached" });
  await close();
});
