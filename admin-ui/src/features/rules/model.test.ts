import { expect, test } from "vitest";
import type { Diagnostic } from "@/api/rules";
import type { Collection, Field } from "@/api/types";
import { snippetsOf, withSnippet } from "./snippets";
import { applyFix, bodyOf, parseAsked, withoutUnsaved } from "./model";

const found = (from: number, to: number) => {
  const severity: Diagnostic["severity"] = "error";
  return { from, to, severity, code: "unknownField", message: "unknown" };
};

test("fields that are not saved yet are no mistake", () => {
  const common = { system: false, hidden: false, presentable: false, help: "", required: false };
  const text = (name: string): Field => ({
    ...common,
    id: name,
    name,
    type: "text",
    min: 0,
    max: 0,
    pattern: "",
    autogeneratePattern: "",
    primaryKey: false,
  });
  const rule = "fresh = 1 && wrng = 2";
  const left = withoutUnsaved([found(0, 5), found(13, 17)], rule, [text("a")], [text("a"), text("fresh")]);
  expect(left).toHaveLength(1);
  expect(applyFix(rule, { from: 13, to: 17, text: "wrong" })).toBe("fresh = 1 && wrong = 2");
});

test("a link asks a question", () => {
  expect(parseAsked("update|users/u1|r1")).toEqual({
    action: "update",
    as: { collection: "users", id: "u1" },
    record: "r1",
  });
  expect(parseAsked("list|guest|")).toEqual({ action: "list", as: "guest", record: "" });
  expect(parseAsked("view|users/|r")).toEqual({ action: "view", as: { collection: "users", id: "" }, record: "r" });
  expect(parseAsked("abc123")).toBeNull();
});

test("a body is a JSON object or nothing", () => {
  expect(bodyOf(" ")).toEqual({ ok: true, body: {} });
  expect(bodyOf('{"a":1}')).toEqual({ ok: true, body: { a: 1 } });
  expect(bodyOf("[1]")).toEqual({ ok: false });
  expect(bodyOf("{")).toEqual({ ok: false });
});

const common = { system: false, hidden: false, presentable: false, help: "", required: false };
function relation(name: string, collectionId: string, maxSelect = 1): Field {
  return { ...common, id: name, name, type: "relation", collectionId, cascadeDelete: false, minSelect: 0, maxSelect };
}
function collection(name: string, type: Collection["type"], fields: Field[]): Collection {
  const rules = { listRule: null, viewRule: null, createRule: null, updateRule: null, deleteRule: null };
  return { id: name, name, type, system: false, created: "", updated: "", fields, indexes: [], ...rules };
}

test("snippets speak of the fields that are there", () => {
  const role: Field = { ...common, id: "r", name: "role", type: "select", values: ["editor", "reader"], maxSelect: 1 };
  const users = collection("users", "auth", [role]);
  const teams = collection("teams", "base", [relation("members", "users", 9)]);
  const posts = collection("posts", "base", [relation("author", "users"), relation("team", "teams")]);
  expect(snippetsOf(posts, [users, teams, posts]).map((snippet) => snippet.rule)).toEqual([
    '@request.auth.id != ""',
    "author = @request.auth.id",
    "team.members ?= @request.auth.id",
    '@request.auth.role = "editor"',
  ]);
  expect(snippetsOf(users, [users])[1]?.rule).toBe("id = @request.auth.id");
  expect(withSnippet(null, "a = 1")).toBe("a = 1");
  expect(withSnippet("b = 1", "a = 1")).toBe("b = 1 && a = 1");
  expect(withSnippet("b = 1 || c = 1", "a = 1")).toBe("(b = 1 || c = 1) && a = 1");
});
