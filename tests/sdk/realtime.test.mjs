// Realtime with the stock SDK, and with the helper that misses nothing. Set STEAD_BIN to the binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import PocketBase from "pocketbase";

import { resumable } from "../../clients/js/index.js";
import { EventSource } from "./eventsource.mjs";
import { startServer, superuser } from "./server.mjs";

const binary = process.env.STEAD_BIN;
if (!binary) throw new Error("set STEAD_BIN to the server binary");
globalThis.EventSource = EventSource;

let server;
let admin;

const client = () => {
  const pb = new PocketBase(server.url);
  pb.autoCancellation(false);
  return pb;
};

/** Collects events; `until(n)` resolves once there are n. */
const collector = () => {
  const events = [];
  let wake = () => {};
  return {
    events,
    take: (event) => {
      events.push(event);
      wake();
    },
    until: async (count) => {
      const timeout = setTimeout(() => wake(new Error(`only ${events.length} of ${count} events came`)), 15_000);
      while (events.length < count) {
        const failure = await new Promise((resolve) => (wake = resolve));
        if (failure) throw failure;
      }
      clearTimeout(timeout);
      return events;
    },
  };
};

before(async () => {
  server = await startServer(binary);
  admin = client();
  await admin.collection("_superusers").authWithPassword(superuser.email, superuser.password);
  await admin.collections.create({
    name: "notes",
    type: "base",
    listRule: "",
    viewRule: "",
    fields: [
      { name: "title", type: "text" },
      { name: "n", type: "number" },
    ],
  });
});

after(async () => {
  await server?.stop();
});

test("changes arrive, filtered and picked as asked", async () => {
  const pb = client();
  const [all, some] = [collector(), collector()];
  await pb.collection("notes").subscribe("*", all.take);
  await pb.collection("notes").subscribe("*", some.take, { filter: "n > 5", fields: "title" });
  const note = await admin.collection("notes").create({ title: "a", n: 1 });
  await admin.collection("notes").update(note.id, { n: 9 });
  await admin.collection("notes").delete(note.id);
  await all.until(3);
  assert.deepEqual(all.events.map((event) => event.action), ["create", "update", "delete"]);
  assert.deepEqual(await some.until(2), [
    { action: "update", record: { title: "a" } },
    { action: "delete", record: { title: "a" } },
  ]);
  await pb.collection("notes").unsubscribe();
  await admin.collection("notes").create({ title: "unseen" });
  assert.equal(all.events.length, 3);
});

test("a record is followed by its id, and a client by its sign-in", async () => {
  const pb = client();
  await admin.collection("users").create({ email: "ann@example.com", password: "12345678", passwordConfirm: "12345678" });
  const { record } = await pb.collection("users").authWithPassword("ann@example.com", "12345678");
  const own = collector();
  await pb.collection("users").subscribe(record.id, own.take);
  await pb.collection("users").update(record.id, { name: "Ann" });
  const [event] = await own.until(1);
  assert.equal(event.record.email, "ann@example.com");
  await pb.collection("users").unsubscribe();
});

test("a helper's subscription survives a killed server without a gap", async () => {
  const pb = client();
  const live = resumable(pb);
  const got = collector();
  let resyncs = 0;
  const stop = await live.subscribe("notes", "*", got.take, { filter: "n = 7", onResync: () => resyncs++ });
  const write = (title) => admin.collection("notes").create({ title, n: 7 });
  await write("1");
  await got.until(1);
  await server.kill();
  // The stream is down for as long as the server is; these are written before the client is back.
  await server.start();
  for (const title of ["2", "3"]) await write(title);
  await write("4");
  await got.until(4);
  assert.deepEqual(got.events.map((event) => event.record.title), ["1", "2", "3", "4"]);
  const numbers = got.events.map((event) => event.seq);
  assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
  assert.equal(resyncs, 0);
  await stop();
});

test("what is submitted again names the last change, whatever the options", async () => {
  const pb = client();
  const live = resumable(pb);
  const got = collector();
  const submitted = [];
  const before = pb.beforeSend;
  pb.beforeSend = async (url, options) => {
    const sent = await before(url, options);
    if (sent.options.body?.subscriptions) submitted.push(sent.options.body);
    return sent;
  };
  const options = { filter: "n = 8", fields: "title", requestKey: null, query: { expand: "" } };
  const stop = await live.subscribe("notes", "*", got.take, options);
  await admin.collection("notes").create({ title: "1", n: 8 });
  const [{ seq }] = await got.until(1);
  await server.kill();
  await server.start();
  await admin.collection("notes").create({ title: "2", n: 8 });
  await got.until(2);
  const last = submitted.at(-1);
  assert.deepEqual(Object.keys(last.since), last.subscriptions);
  assert.deepEqual(Object.values(last.since), [seq]);
  await stop();
});

test("equal subscriptions of one client each get the past", async () => {
  const live = resumable(client());
  const since = await live.newest();
  const write = (title) => admin.collection("notes").create({ title, n: 9 });
  await write("1");
  await write("2");
  const [first, second] = [collector(), collector()];
  const stops = [];
  for (const each of [first, second]) {
    stops.push(await live.subscribe("notes", "*", each.take, { since }));
    await each.until(2);
  }
  await write("3");
  for (const each of [first, second]) {
    const titles = (await each.until(3)).map((event) => event.record.title);
    assert.deepEqual(titles, ["1", "2", "3"]);
  }
  for (const stop of stops) await stop();
});
