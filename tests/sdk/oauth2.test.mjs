// Signing in through another service with the stock SDK: by code, and with the redirect over realtime.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import PocketBase from "pocketbase";

import { offered, startProvider } from "./provider.mjs";
import { startServer, superuser } from "./server.mjs";

const binary = process.env.STEAD_BIN;
if (!binary) throw new Error("set STEAD_BIN to the server binary");

const client = { clientId: "stead-tests", clientSecret: "a-secret-of-tests" };

let server;
let provider;
let admin;

before(async () => {
  [server, provider] = await Promise.all([startServer(binary), startProvider(client)]);
  admin = new PocketBase(server.url);
  await admin.collection("_superusers").authWithPassword(superuser.email, superuser.password);
  await admin.collections.update("users", offered(client, provider));
});

after(async () => {
  await server?.stop();
  await provider?.stop();
});

/** What a browser does with the link: the service sends it on with a code. */
const visit = async (link) => {
  const answer = await fetch(link, { redirect: "manual" });
  assert.equal(answer.status, 302);
  return new URL(answer.headers.get("location"));
};

test("a code from the service signs up and in", async () => {
  provider.person = { sub: "ada", email: "ada@example.com", name: "Ada" };
  const pb = new PocketBase(server.url);
  const redirect = `${server.url}/app`;
  const start = async () => {
    const methods = await pb.collection("users").listAuthMethods();
    assert.equal(methods.oauth2.enabled, true);
    const [method] = methods.oauth2.providers;
    assert.equal(method.displayName, "House");
    const back = await visit(method.authURL + encodeURIComponent(redirect));
    assert.equal(back.searchParams.get("state"), method.state);
    return { code: back.searchParams.get("code"), verifier: method.codeVerifier };
  };
  const signIn = ({ code, verifier }) =>
    pb.collection("users").authWithOAuth2Code("oidc", code, verifier, redirect, { emailVisibility: true });

  const first = await start();
  const answer = await signIn(first);
  assert.equal(answer.meta.isNew, true);
  assert.equal(answer.record.name, "Ada");
  assert.equal(answer.record.verified, true);
  assert.ok(pb.authStore.isValid);
  await assert.rejects(signIn(first), { status: 400 }, "a code works once");
  const stolen = await start();
  await assert.rejects(signIn({ ...stolen, verifier: "x".repeat(43) }), { status: 400 }, "the verifier is checked");
  assert.equal((await signIn(await start())).record.id, answer.record.id);

  const [link] = await pb.collection("_externalAuths").getFullList();
  assert.equal(link.provider, "oidc");
  await pb.collection("_externalAuths").delete(link.id);
  assert.equal((await pb.collection("_externalAuths").getFullList()).length, 0);
});

test("the redirect of a popup ends in the window that waits", async () => {
  provider.person = { sub: "bob", email: "bob@example.com", name: "Bob" };
  const pb = new PocketBase(server.url);
  let landed;
  const answer = await pb.collection("users").authWithOAuth2({
    provider: "oidc",
    urlCallback: async (link) => {
      const back = await visit(link);
      assert.equal(back.pathname, "/api/oauth2-redirect");
      const page = await fetch(back, { redirect: "manual" });
      landed = [page.status, page.headers.get("location")];
    },
  });
  assert.deepEqual(landed, [307, "../_/#/auth/oauth2-redirect-success"]);
  assert.equal(answer.record.email, "bob@example.com");
  assert.ok(pb.authStore.isValid);
});
