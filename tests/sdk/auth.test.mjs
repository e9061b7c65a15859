// Every way of signing in and of proving an address with the stock SDK, mails included. Set STEAD_BIN to the binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import PocketBase, { ClientResponseError } from "pocketbase";

import { startServer, superuser } from "./server.mjs";
import { startMailServer } from "./smtp.mjs";

const binary = process.env.STEAD_BIN;
if (!binary) throw new Error("set STEAD_BIN to the server binary");

const password = "analytical-engine";
let server;
let mail;
let admin;

before(async () => {
  server = await startServer(binary);
  mail = await startMailServer();
  admin = new PocketBase(server.url);
  await admin.collection("_superusers").authWithPassword(superuser.email, superuser.password);
  await admin.settings.update({ smtp: { enabled: true, host: "127.0.0.1", port: mail.port } });
});

after(async () => {
  mail?.stop();
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

const tokenOf = (text) => /\/_\/#\/auth\/[a-z-]+\/([\w.-]+)\)/.exec(text)[1];
const codeOf = (text) => /<strong>(\d+)<\/strong>/.exec(text)[1];

/** A client signed in as a new user of a collection. */
const signUp = async (collection, name) => {
  const email = `${name}@example.com`;
  const client = new PocketBase(server.url);
  await admin.collection(collection).create({ email, password, passwordConfirm: password });
  return { client, email, users: client.collection(collection) };
};

test("test mails arrive", async () => {
  assert.equal(await admin.settings.testEmail("users", "tester@example.com", "verification"), true);
  assert.match(await mail.next("tester@example.com"), /confirm-verification/);
});

test("an address is verified", async () => {
  const { client, email, users } = await signUp("users", "ada");
  const { record } = await users.authWithPassword(email, password);
  assert.equal(record.verified, false);
  assert.equal(await users.requestVerification(email), true);
  assert.equal(await users.confirmVerification(tokenOf(await mail.next(email))), true);
  // The SDK marks the signed-in record as verified by itself; the server agrees.
  assert.equal(client.authStore.record.verified, true);
  assert.equal((await users.authRefresh()).record.verified, true);
});

test("a password is reset, which ends all sessions", async () => {
  const { email, users } = await signUp("users", "grace");
  await users.authWithPassword(email, password);
  assert.equal(await users.requestPasswordReset(email), true);
  const token = tokenOf(await mail.next(email));
  assert.equal(await users.confirmPasswordReset(token, "compilers-first", "compilers-first"), true);
  assert.equal((await failure(users.authRefresh())).status, 401);
  assert.equal((await failure(users.authWithPassword(email, password))).status, 400);
  await users.authWithPassword(email, "compilers-first");
  const again = await failure(users.confirmPasswordReset(token, "once-more-please", "once-more-please"));
  assert.equal(again.response.data.token.code, "validation_invalid_token");
});

test("an address is changed", async () => {
  const { client, email, users } = await signUp("users", "mary");
  await users.authWithPassword(email, password);
  assert.equal(await users.requestEmailChange("mary.s@example.com"), true);
  const token = tokenOf(await mail.next("mary.s@example.com"));
  assert.equal(await users.confirmEmailChange(token, password), true);
  assert.equal(client.authStore.isValid, false);
  const { record } = await users.authWithPassword("mary.s@example.com", password);
  assert.equal(record.verified, true);
});

test("one-time passwords sign in once", async () => {
  await admin.collections.create({ name: "members", type: "auth", otp: { enabled: true, duration: 180, length: 8 } });
  const { email, users } = await signUp("members", "joan");
  const { otpId } = await users.requestOTP(email);
  const code = codeOf(await mail.next(email));
  const { record } = await users.authWithOTP(otpId, code);
  assert.equal(record.verified, true);
  assert.equal((await failure(users.authWithOTP(otpId, code))).status, 400);
  const stranger = await users.requestOTP("nobody@example.com");
  assert.equal(stranger.otpId.length, otpId.length);
});

test("a second factor completes a sign-in", async () => {
  await admin.collections.create({
    name: "staff",
    type: "auth",
    otp: { enabled: true, duration: 180, length: 8 },
    mfa: { enabled: true, duration: 600, rule: "" },
  });
  const { client, email, users } = await signUp("staff", "hedy");
  const first = await failure(users.authWithPassword(email, password));
  const { mfaId } = first.response;
  assert.ok(mfaId);
  const { otpId } = await users.requestOTP(email);
  const code = codeOf(await mail.next(email));
  await users.authWithOTP(otpId, code, { mfaId });
  assert.equal(client.authStore.record.email, email);
});

test("a sign-in from elsewhere is told by mail", async () => {
  const { email, users } = await signUp("users", "rosa");
  await users.authWithPassword(email, password);
  await users.authWithPassword(email, password, { headers: { "User-Agent": "another device" } });
  assert.match(await mail.next(email), /another device/);
});

test("superusers act for others", async () => {
  const { email } = await signUp("users", "emmy");
  const emmy = await admin.collection("users").getFirstListItem(admin.filter("email = {:email}", { email }));
  const client = await admin.collection("users").impersonate(emmy.id, 60);
  assert.equal(client.authStore.record.id, emmy.id);
  assert.equal((await client.collection("users").getList(1, 10)).items.length, 1);
});
