import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { offers, seedCategories } from "../fixtures/api.ts";
import { expectAccessible, shot } from "../fixtures/browser.ts";
import { patience } from "../fixtures/patience.ts";
import { openUi, pb, stage } from "../fixtures/stage.ts";

stage(async () => {
  await seedCategories(pb);
  await pb.collections.update("categories", { listRule: '@request.auth.id != "" && name != "Chairs"', viewRule: "" });
  await pb
    .collection("users")
    .create({ email: "ada@example.com", password: "hunter2hunter2", passwordConfirm: "hunter2hunter2", name: "Ada" });
});

test("requests are tried out as somebody else, and written down in five languages", async () => {
  const { page, close } = await openUi("/collections/categories?tab=api");
  const playground = page.getByRole("region", { name: "API playground" });
  const response = page.getByRole("region", { name: "Response", exact: true });
  const send = playground.getByRole("button", { name: "Send request" });
  await send.click();
  await response.getByText("Chairs").waitFor();
  await response.getByText("200", { exact: true }).waitFor();

  await playground.getByRole("combobox", { name: "Identity" }).selectOption("guest");
  await send.click();
  await response.getByText('"totalItems": 0').waitFor();
  await playground.getByRole("combobox", { name: "Identity" }).selectOption("users");
  await playground.getByRole("combobox", { name: "Who" }).click();
  await page.getByRole("listbox").getByRole("option").first().click();
  await playground.getByRole("textbox", { name: "sort" }).fill("name");
  const [borrowed] = await Promise.all([
    page.waitForRequest((sent) => sent.url().includes("/impersonate/")),
    send.click(),
  ]);
  await response.getByText('"totalItems": 2').waitFor();
  await response.getByText(/\d ms/).waitFor();
  // Somebody else's session lasts for minutes, and is nowhere to be found.
  expect(Number(borrowed.postDataJSON().duration)).toBeLessThanOrEqual(300);
  const { token }: { token: string } = JSON.parse((await (await borrowed.response())?.text()) ?? "{}");
  const kept = await page.evaluate(
    () => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.body.textContent,
  );
  expect(token.length > 20 && kept.includes(token)).toBe(false);
  expect(await response.getByText("Chairs").count()).toBe(0);
  const filter = playground.getByRole("textbox", { name: "filter" });
  await filter.fill('name = "Lamps"');
  await page.keyboard.press("Escape");
  await send.click();
  await response.getByText('"totalItems": 1').waitFor();
  await filter.fill("");
  await page.keyboard.press("Escape");
  await expectAccessible(page, "playground");
  await shot(page, "playground");

  const code = async (language: string) => {
    await playground.getByRole("tab", { name: language }).click();
    return (await page.getByRole("tabpanel", { name: language }).locator("pre").textContent()) ?? "";
  };
  expect(await code("JS SDK")).toContain('pb.collection("categories").getList(1, 30, {');
  expect(await code("Dart SDK")).toContain("sort: 'name'");
  expect(await code("Rust")).toContain('.query(&[("sort", "name")])');
  expect(await code("fetch")).toContain("sort=name");
  const curl = await code("cURL");
  expect(curl).toContain("YOUR_TOKEN");
  // Not synchronously: the proxy in front of the server may live in this process.
  const shell = promisify(execFile);
  const answer = await shell("sh", ["-c", curl.replace("YOUR_TOKEN", pb.authStore.token)], { timeout: 10_000 });
  expect(JSON.parse(answer.stdout).totalItems).toBe(3);

  await playground.getByRole("combobox", { name: "Identity" }).selectOption("superuser");
  await playground.getByRole("button", { name: "POST Create" }).click();
  await playground.getByRole("textbox", { name: "Body (JSON)" }).fill("{}");
  await send.click();
  await response.getByText("400", { exact: true }).waitFor();
  await response.getByText('"name":').waitFor();
  await playground.getByRole("textbox", { name: "Body (JSON)" }).fill("{");
  await playground.getByText("Not valid JSON at line 1, column 2.").waitFor();
  await close();
});

test("events are watched", async (context) => {
  if (!(await offers(pb, "/api/realtime", "POST"))) return context.skip();
  const { page, close } = await openUi("/collections/categories?tab=api");
  await page.getByRole("button", { name: "SSE Realtime" }).click();
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText("Waiting for something to change").waitFor();
  await expect
    .poll(
      async () => {
        await pb.collection("categories").create({ name: "Watched" });
        return page.getByRole("list", { name: "Events" }).getByText("Watched").count();
      },
      { timeout: patience(10_000), interval: 500 },
    )
    .toBeGreaterThan(0);
  await close();
  return undefined;
});
