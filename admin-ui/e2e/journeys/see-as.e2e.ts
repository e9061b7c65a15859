import { expect, test } from "vitest";
import { expectAccessible, shot } from "../fixtures/browser.ts";
import { openUi, pb, stage } from "../fixtures/stage.ts";

async function account(nick: string) {
  const email = `${nick}@example.com`;
  return (await pb.collection("people").create({ nick, email, password, passwordConfirm: password })).id;
}

/** What the rules let others list is looked at from the table itself. */
const password = "correct horse";
stage(async () => {
  const people = await pb.collections.create({
    name: "people",
    type: "auth",
    fields: [{ name: "nick", type: "text", presentable: true }],
  });
  await pb.collections.create({
    name: "letters",
    type: "base",
    listRule: "open = true || owner = @request.auth.id",
    fields: [
      { name: "title", type: "text", presentable: true },
      { name: "open", type: "bool" },
      { name: "secret", type: "text", hidden: true },
      { name: "owner", type: "relation", collectionId: people.id, maxSelect: 1 },
    ],
  });
  const letters = pb.collection("letters");
  const [ann, bob] = [await account("Ann"), await account("Bob")];
  await letters.create({ title: "Open letter", open: true, owner: bob, secret: "s" });
  await letters.create({ title: "To Ann", owner: ann, secret: "s" });
  await letters.create({ title: "To Bob", owner: bob, secret: "s" });
});

test("a guest and an account see what is theirs, and no more", async () => {
  const { page, close } = await openUi("/collections/letters");
  await page.getByRole("link", { name: "To Bob" }).waitFor();
  const seeAs = async () => {
    await page.getByRole("button", { name: "Import and export" }).click();
    await page.getByRole("menuitem", { name: "See as…" }).click();
  };
  await seeAs();
  const dialog = page.getByRole("dialog", { name: "See letters as…" });
  const list = dialog.getByRole("region", { name: "letters as they are listed" });
  await dialog.getByText("A guest sees 1 of 3 records.").waitFor();
  await list.getByRole("cell", { name: "Open letter" }).waitFor();
  // Of a hidden field nothing is sent.
  expect(await list.getByRole("cell", { name: "not sent" }).count()).toBe(1);
  await expectAccessible(page, "seen as a guest");
  await shot(page, "see-as");
  await dialog.getByLabel("Identity").selectOption("people");
  await dialog.getByRole("combobox", { name: "Who" }).click();
  await page.getByRole("option", { name: /Ann/ }).click();
  await dialog.getByText("They see 2 of 3 records.").waitFor();
  await list.getByRole("cell", { name: "To Ann" }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await dialog.waitFor({ state: "detached" });
  await pb.collections.update("letters", { listRule: null });
  await seeAs();
  await dialog.getByText("Refused with 403: Only superusers can perform this action.").waitFor();
  await close();
});
