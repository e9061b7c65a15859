// What an app does with the stock SDK: collections, records, files, batch, sign-in. Set STEAD_BIN to the binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import PocketBase, { ClientResponseError } from "pocketbase";

import { startServer, superuser } from "./server.mjs";

const binary = process.env.STEAD_BIN;
if (!binary) throw new Error("set STEAD_BIN to the server binary");

let server;
let admin;

before(async () => {
  server = await startServer(binary);
  admin = new PocketBase(server.url);
  await admin.collection("_superusers").authWithPassword(superuser.email, superuser.password);
});

after(async () => {
  await server?.stop();
});

const failure = async (promise) => {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ClientResponseError, String(error));
    return error;
  }
  assert.fail("the request was expected to fail");
};

test("an app's collections are created, listed and changed", async () => {
  const authors = await admin.collections.create({
    name: "authors",
    type: "base",
    listRule: "",
    viewRule: "",
    fields: [{ name: "name", type: "text", required: true, presentable: true }],
  });
  const posts = await admin.collections.create({
    name: "posts",
    type: "base",
    listRule: "",
    viewRule: "",
    createRule: "@request.auth.id != ''",
    updateRule: "owner = @request.auth.id",
    deleteRule: "owner = @request.auth.id",
    fields: [
      { name: "title", type: "text", required: true, max: 100 },
      { name: "author", type: "relation", collectionId: authors.id, maxSelect: 1 },
      { name: "owner", type: "relation", collectionId: "_pb_users_auth_", maxSelect: 1 },
      { name: "cover", type: "file", maxSelect: 3, mimeTypes: ["text/plain"] },
      { name: "tags", type: "select", maxSelect: 3, values: ["a", "b", "c"] },
      { name: "views", type: "number", onlyInt: true },
      { name: "meta", type: "json" },
      { name: "created", type: "autodate", onCreate: true },
      { name: "updated", type: "autodate", onCreate: true, onUpdate: true },
    ],
    indexes: ["CREATE INDEX idx_posts_author ON posts (author)"],
  });
  assert.equal(posts.fields.length, 10);
  const names = (await admin.collections.getFullList()).map((collection) => collection.name);
  assert.ok(names.includes("posts") && names.includes("authors"));
  const changed = await admin.collections.update("posts", {
    fields: [...posts.fields, { name: "subtitle", type: "text" }],
  });
  assert.equal(changed.fields.at(-1).name, "subtitle");
  const refused = await failure(admin.collections.create({ name: "posts", type: "base" }));
  assert.equal(refused.status, 400);
  assert.equal(refused.response.data.name.code, "validation_collection_name_exists");
});

test("a user signs up, signs in and works with records under the rules", async () => {
  const guest = new PocketBase(server.url);
  await guest.collection("users").create({
    email: "ada@example.com",
    password: "analytical-engine",
    passwordConfirm: "analytical-engine",
  });
  const wrong = await failure(guest.collection("users").authWithPassword("ada@example.com", "wrong"));
  assert.equal(wrong.status, 400);
  assert.equal((await failure(guest.collection("posts").create({ title: "x" }))).status, 400);

  const ada = new PocketBase(server.url);
  const { record: me } = await ada.collection("users").authWithPassword("ada@example.com", "analytical-engine");
  const author = await admin.collection("authors").create({ name: "Lovelace" });
  const made = [];
  for (const [index, tags] of [["a"], ["a", "b"], ["c"]].entries()) {
    made.push(
      await ada.collection("posts").create({
        title: `Note ${index}`, author: author.id, owner: me.id, tags, views: index, meta: { index },
      }),
    );
  }
  const page = await ada.collection("posts").getList(1, 10, {
    filter: ada.filter("author.name = {:name} && tags ?~ {:tag}", { name: "Lovelace", tag: "a" }),
    sort: "-views",
    expand: "author,owner",
  });
  assert.deepEqual(page.items.map((post) => post.title), ["Note 1", "Note 0"]);
  assert.equal(page.items[0].expand.author.name, "Lovelace");
  assert.equal(page.items[0].expand.owner.id, me.id);
  assert.equal(page.totalItems, 2);

  const [first] = made;
  const updated = await ada.collection("posts").update(first.id, { "views+": 5, "tags+": "c" });
  assert.equal(updated.views, 5);
  assert.deepEqual(updated.tags, ["a", "c"]);
  const invalid = await failure(ada.collection("posts").update(first.id, { title: "" }));
  assert.equal(invalid.response.data.title.code, "validation_required");
  assert.equal((await failure(guest.collection("posts").update(first.id, { title: "no" }))).status, 404);

  const only = await ada.collection("posts").getFirstListItem(`id = "${first.id}"`, { fields: "id,title" });
  assert.deepEqual(Object.keys(only).sort(), ["id", "title"]);
  assert.equal(await ada.collection("posts").delete(first.id), true);
  assert.equal((await failure(ada.collection("posts").getOne(first.id))).status, 404);

  const refreshed = await ada.collection("users").authRefresh();
  assert.equal(refreshed.record.id, me.id);
});

test("files are uploaded, served, replaced and removed", async () => {
  const file = (name, text) => new File([text], name, { type: "text/plain" });
  const post = await admin.collection("posts").create({ title: "Files", cover: [file("one.txt", "first"), file("two.txt", "second")] });
  assert.equal(post.cover.length, 2);
  const read = async (name) => (await fetch(admin.files.getURL(post, name))).text();
  assert.equal(await read(post.cover[0]), "first");
  const appended = await admin.collection("posts").update(post.id, { "cover+": file("three.txt", "third") });
  assert.deepEqual(appended.cover.slice(0, 2), post.cover);
  assert.equal(await read(appended.cover[2]), "third");
  const removed = await admin.collection("posts").update(post.id, { "cover-": post.cover[0] });
  assert.deepEqual(removed.cover, appended.cover.slice(1));
  assert.equal((await fetch(admin.files.getURL(post, post.cover[0]))).status, 404);
  const refused = await failure(
    admin.collection("posts").create({ title: "Bad", cover: new File([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])], "x.png") }),
  );
  assert.equal(refused.response.data.cover.code, "validation_invalid_mime_type");
});

test("pictures have thumbnails, protected files need a token, and large files go up in pieces", async () => {
  const png = "iVBORw0KGgoAAAANSUhEUgAAACgAAAAeCAIAAADRv8uKAAAAKUlEQVR4nO3NoQ0AAAwCMP5/ensBh2lS31wysVnFYrFYLBaLxWKxWFx5Pp2rjeB5c/4AAAAASUVORK5CYII=";
  await admin.collections.create({
    name: "pictures",
    type: "base",
    viewRule: "@request.auth.id != ''",
    fields: [
      { name: "picture", type: "file", maxSelect: 1, thumbs: ["20x0"] },
      { name: "secret", type: "file", maxSelect: 1, protected: true },
    ],
  });
  const bytes = Uint8Array.from(atob(png), (char) => char.charCodeAt(0));
  const made = await admin.collection("pictures").create({
    picture: new File([bytes], "a.png"),
    secret: new File(["secret"], "a.txt"),
  });
  const thumb = await fetch(admin.files.getURL(made, made.picture, { thumb: "20x0" }));
  const pixels = new DataView(await thumb.arrayBuffer());
  assert.deepEqual([pixels.getUint32(16), pixels.getUint32(20)], [20, 15]);
  const webp = await fetch(admin.files.getURL(made, made.picture, { thumb: "20x0", format: "webp" }));
  assert.equal(webp.headers.get("content-type"), "image/webp");

  assert.equal((await fetch(admin.files.getURL(made, made.secret))).status, 404);
  const token = await admin.files.getToken();
  assert.equal(await (await fetch(admin.files.getURL(made, made.secret, { token }))).text(), "secret");

  const tus = { "Tus-Resumable": "1.0.0", Authorization: admin.authStore.token };
  const length = { ...tus, "Upload-Length": "6", "Upload-Metadata": `filename ${btoa("six.txt")}` };
  const begun = await fetch(`${server.url}/api/stead/uploads`, { method: "POST", headers: length });
  assert.equal(begun.status, 201);
  const upload = new URL(begun.headers.get("location"), server.url);
  const piece = async (offset, body) => {
    const headers = { ...tus, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
    return (await fetch(upload, { method: "PATCH", headers, body })).headers.get("upload-offset");
  };
  assert.equal(await piece(0, "abc"), "3");
  assert.equal(await piece(3, "def"), "6");
  const id = upload.pathname.split("/").pop();
  const changed = await admin.collection("pictures").update(made.id, { picture: `stead-upload:${id}` });
  assert.equal(await (await fetch(admin.files.getURL(changed, changed.picture))).text(), "abcdef");
});

test("a batch is applied whole or not at all", async () => {
  await admin.settings.update({ batch: { enabled: true, maxRequests: 50, timeout: 3 } });
  const batch = admin.createBatch();
  batch.collection("authors").create({ name: "One" });
  batch.collection("authors").create({ name: "Two" });
  batch.collection("authors").upsert({ id: "upserted0000001", name: "Three" });
  const results = await batch.send();
  assert.deepEqual(results.map((result) => result.status), [200, 200, 200]);
  assert.equal(results[2].body.id, "upserted0000001");

  const before = (await admin.collection("authors").getList(1, 1)).totalItems;
  const failing = admin.createBatch();
  failing.collection("authors").create({ name: "Four" });
  failing.collection("authors").create({ name: "" });
  const error = await failure(failing.send());
  assert.equal(error.response.data.requests["1"].response.data.name.code, "validation_required");
  assert.equal((await admin.collection("authors").getList(1, 1)).totalItems, before);
});
