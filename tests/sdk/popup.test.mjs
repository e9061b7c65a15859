// Signing in through another service as people do it: a page of an app, a popup, and the stock SDK in a real browser.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";
import PocketBase from "pocketbase";

import { offered, startProvider } from "./provider.mjs";
import { startServer, superuser } from "./server.mjs";

const binary = process.env.STEAD_BIN;
if (!binary) throw new Error("set STEAD_BIN to the server binary");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const options = { skip: existsSync(executablePath) ? false : "no Chromium" };

const client = { clientId: "stead-tests", clientSecret: "a-secret-of-tests" };
const sdk = readFileSync(new URL("node_modules/pocketbase/dist/pocketbase.umd.js", import.meta.url), "utf8");
const page = `<!doctype html>
<title>App</title>
<button>Sign in with House</button>
<output></output>
<script src="/pocketbase.js"></script>
<script>
  const pb = new PocketBase(location.origin);
  const output = document.querySelector("output");
  document.querySelector("button").addEventListener("click", async () => {
    output.textContent = "";
    try {
      const { record, meta } = await pb.collection("users").authWithOAuth2({ provider: "oidc" });
      output.textContent = "Welcome, " + record.name + (meta.isNew ? ", for the first time" : ", again");
    } catch (error) {
      output.textContent = "Failed: " + error.message;
    }
  });
</script>`;

let server;
let provider;
let browser;
let admin;

before(async () => {
  if (options.skip) return;
  [server, provider, browser] = await Promise.all([
    startServer(binary, { "index.html": page, "pocketbase.js": sdk }),
    startProvider(client),
    chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"] }),
  ]);
  admin = new PocketBase(server.url);
  await admin.collection("_superusers").authWithPassword(superuser.email, superuser.password);
  await admin.collections.update("users", offered(client, provider));
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await provider?.stop();
});

/** Someone with the app open; what goes wrong behind the scenes is told by `close`. */
const visitor = async () => {
  const context = await browser.newContext();
  context.setDefaultTimeout(15_000);
  const app = await context.newPage();
  const trouble = [];
  context.on("weberror", (error) => trouble.push(error.error().message));
  await app.goto(server.url);
  const close = async () => {
    await context.close();
    assert.deepEqual(trouble, []);
  };
  const signIn = async (answer) => {
    const opened = app.waitForEvent("popup");
    await app.getByRole("button").click();
    const popup = await opened;
    await popup.getByRole("link", { name: answer }).click();
    return popup;
  };
  /** What the app says in the end. */
  const told = async () => {
    const output = app.locator("output:not(:empty)");
    return output.textContent();
  };
  return { app, close, signIn, told };
};

test("a popup signs up, and later in", options, async () => {
  provider.person = { sub: "cleo", email: "cleo@example.com", name: "Cleo" };
  const { app, close, signIn, told } = await visitor();
  await signIn("Allow");
  assert.equal(await told(), "Welcome, Cleo, for the first time");
  await signIn("Allow");
  assert.equal(await told(), "Welcome, Cleo, again");
  // What the app may do now is what Cleo may do.
  const own = await app.evaluate(async () => {
    const { items } = await new window.PocketBase(location.origin).collection("users").getList();
    return items.map(({ email, verified }) => ({ email, verified }));
  });
  assert.deepEqual(own, [{ email: "cleo@example.com", verified: true }]);
  await close();
});

test("whoever says no stays out, and is told so", options, async () => {
  provider.person = { sub: "dora", email: "dora@example.com", name: "Dora" };
  const { app, close, signIn, told } = await visitor();
  const popup = await signIn("Deny");
  assert.match(await told(), /^Failed: /);
  if (!popup.isClosed()) {
    await popup.waitForURL(/auth\/oauth2-redirect-failure$/).catch(() => assert.ok(popup.isClosed()));
  }
  assert.equal(await app.evaluate(() => localStorage.getItem("pocketbase_auth")), null);
  assert.equal((await admin.collection("users").getFullList({ filter: 'email = "dora@example.com"' })).length, 0);
  await close();
});

test("two windows sign in at the same time, each as its own person", options, async () => {
  const visitors = await Promise.all(["Eve", "Finn"].map(() => visitor()));
  for (const [n, name] of ["Eve", "Finn"].entries()) {
    // The service keeps who was asked when its page was shown; the answers come in the other order.
    provider.person = { sub: name, email: `${name.toLowerCase()}@example.com`, name };
    const opened = visitors[n].app.waitForEvent("popup");
    await visitors[n].app.getByRole("button").click();
    visitors[n].popup = await opened;
    await visitors[n].popup.getByRole("heading", { name }).waitFor();
  }
  for (const [n, name] of [...["Eve", "Finn"].entries()].reverse()) {
    provider.person = { sub: name, email: `${name.toLowerCase()}@example.com`, name };
    await visitors[n].popup.getByRole("link", { name: "Allow" }).click();
    assert.equal(await visitors[n].told(), `Welcome, ${name}, for the first time`);
  }
  for (const { close } of visitors) await close();
});
