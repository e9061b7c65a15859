import { expect, test } from "vitest";
import { codeFor, languages, type Call } from "./code";

const call: Call = {
  origin: "http://127.0.0.1:8090",
  collection: "posts",
  endpoint: "list",
  method: "GET",
  path: "/api/collections/posts/records",
  id: "",
  query: { filter: 'title = "it\'s"', perPage: "5" },
  body: undefined,
  signedIn: true,
};

test("a list in every language names the real collection and no token", () => {
  expect(codeFor("JS SDK", call)).toContain('pb.collection("posts").getList(1, 5, {');
  expect(codeFor("Dart SDK", call)).toContain(
    "pb.collection('posts').getList(page: 1, perPage: 5, filter: 'title = \"it\\'s\"');",
  );
  expect(codeFor("cURL", call)).toBe(
    "curl 'http://127.0.0.1:8090/api/collections/posts/records?filter=title+%3D+%22it%27s%22&perPage=5' \\\n  -H 'Authorization: YOUR_TOKEN'",
  );
  for (const language of languages) expect(codeFor(language, call)).toContain("posts");
});

test("a body is sent as JSON", () => {
  const create: Call = {
    ...call,
    endpoint: "create",
    method: "POST",
    query: {},
    body: { title: "it's" },
    signedIn: false,
  };
  expect(codeFor("cURL", create)).toBe(
    "curl -X POST 'http://127.0.0.1:8090/api/collections/posts/records' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"title\":\"it'\\''s\"}'",
  );
  expect(codeFor("Rust", create)).toContain(".json(&serde_json::json!({");
  expect(codeFor("fetch", create)).toContain("JSON.stringify({");
});

test("what is written stays what it is in the other language", () => {
  const create: Call = { ...call, endpoint: "create", method: "POST", query: {}, body: { price: "$9 ${a}" } };
  expect(codeFor("Dart SDK", create)).toContain(String.raw`"price": "\$9 \${a}"`);
  const odd: Call = { ...call, query: { page: "abc", perPage: "1e9); evil(" } };
  expect(codeFor("JS SDK", odd)).toContain("getList(1, 30)");
  expect(codeFor("Dart SDK", odd)).toContain("getList(page: 1, perPage: 30)");
});

test("nothing is read where nothing is answered", () => {
  const gone: Call = { ...call, endpoint: "delete", method: "DELETE", query: {}, id: "x" };
  expect(codeFor("fetch", gone)).not.toContain("response.json()");
  expect(codeFor("Rust", gone)).not.toContain(".json()");
  expect(codeFor("Rust", gone)).toContain(".error_for_status()?;");
  expect(codeFor("fetch", call)).toContain("response.json()");
});

test("the SDKs sign in by the methods that keep the token", () => {
  const path = "/api/collections/posts/auth-with-password";
  const body = { identity: "ann$", password: "it's" };
  const signIn: Call = { ...call, endpoint: "auth-with-password", method: "POST", path, query: {}, body };
  expect(codeFor("JS SDK", signIn)).toContain('pb.collection("posts").authWithPassword("ann$", "it\'s");');
  expect(codeFor("Dart SDK", signIn)).toContain("pb.collection('posts').authWithPassword('ann\\$', 'it\\'s');");
  const more: Call = { ...signIn, query: { fields: "token" }, body: { ...body, mfaId: "m" } };
  expect(codeFor("JS SDK", more)).toContain("pb.send(");
  expect(codeFor("JS SDK", more)).toContain('"fields": "token"');
  const refresh: Call = { ...signIn, endpoint: "auth-refresh", body: undefined, query: { expand: "team" } };
  expect(codeFor("Dart SDK", refresh)).toContain("authRefresh(expand: 'team');");
  expect(codeFor("JS SDK", refresh)).toContain("authRefresh({");
});
