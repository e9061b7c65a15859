import { expect, test } from "vitest";
import { completeRhai, describeAt, placeAt } from "./editor";
import { lexRhai } from "./lex";
import { callAt, definitionAt, functionsOf, importsOf, knownOf, type Known } from "./structure";

const known: Known[] = [
  { namespace: "text", name: "slug", kind: "function", signature: "slug(text: string) -> string", doc: "A slug." },
  { namespace: "", name: "save", kind: "function", signature: "save(app: App, record: Record)", doc: "Saves." },
  { namespace: "", name: "save", kind: "function", signature: "save(tx: App)", doc: "Saves." },
  { namespace: "", name: "id", kind: "member", signature: "id", doc: "The id." },
];
const events = [{ name: "record_create", members: ["collection", "record"] }];

test("tokens cover everything that is no space, whatever is not closed", () => {
  const text = 'let a = `x ${b}`; /* a /* b */ c */ fn f(n) { text::slug(n.title) } // "\n"open';
  const tokens = lexRhai(text);
  expect(tokens.map((token) => text.slice(token.from, token.to)).join("")).not.toMatch(/undefined/);
  expect(tokens.find((token) => token.kind === "comment")).toEqual({ kind: "comment", from: 18, to: 35 });
  const kindOf = (word: string) => tokens.find((token) => text.slice(token.from, token.to) === word)?.kind;
  expect([kindOf("let"), kindOf("text"), kindOf("slug"), kindOf("title")]).toEqual([
    "keyword",
    "namespace",
    "function",
    "member",
  ]);
  expect(tokens.at(-1)).toMatchObject({ kind: "string", to: text.length });
});

function offered(text: string): string[] {
  return completeRhai(text, text.length, known, events).options.map((option) => option.label);
}

test("what is offered fits the place", () => {
  expect(offered("text::s")).toEqual(["slug"]);
  expect(offered('on_record_create("a", |e| { e.')[0]).toBe("collection");
  expect(offered("on_rec")).toEqual(["on_record_create"]);
  expect(offered("let total = 1; tot")).toEqual(["total"]);
  expect(offered('let a = "sav')).toEqual([]);
  expect(offered("// sav")).toEqual([]);
  expect(offered("app.sav")).toEqual(["save"]);
});

test("a word is described with all its forms", () => {
  const text = "app.save(x); text::slug(y); on_record_create(";
  expect(describeAt(text, 6, known, events)).toHaveLength(2);
  expect(describeAt(text, 20, known, events)[0]?.doc).toBe("A slug.");
  expect(describeAt(text, 35, known, events)[0]?.doc).toContain("e.record");
  expect(placeAt("a\nbc\nd", 2, 2)).toBe(3);
});

const script = `import "lib/price" as price;
// The next number,
// never the same twice.
fn next_number(start, by) { start + by }
on_record_create("orders", |e| {
    e.record.number = next_number(1, price::tax(e.record));
});
`;

test("functions, modules and where they are defined are found", () => {
  const own = functionsOf(script);
  expect(own).toMatchObject([
    { name: "next_number", parameters: ["start", "by"], line: 4, doc: "The next number, never the same twice." },
  ]);
  expect(knownOf(own, "")[0]?.signature).toBe("next_number(start, by)");
  expect(importsOf(script)).toEqual([{ path: "lib/price.rhai", alias: "price" }]);
  const tax = { name: "tax", parameters: ["r"], at: 3, line: 7, doc: "" };
  const modules = [{ path: "lib/price.rhai", alias: "price", functions: [tax] }];
  const at = (word: string) => script.lastIndexOf(word) + 1;
  expect(definitionAt(script, at("next_number"), modules)).toEqual({ path: null, line: 4 });
  expect(definitionAt(script, at("tax"), modules)).toEqual({ path: "lib/price.rhai", line: 7 });
  expect(definitionAt(script, at("record"), modules)).toBeNull();
});

function callBehind(before: string) {
  return callAt(script, script.indexOf(before) + before.length);
}

test("the call around the caret and its argument are known", () => {
  expect(callBehind("next_number(1,")).toEqual({ namespace: "", name: "next_number", argument: 1 });
  expect(callBehind("price::tax(")).toEqual({ namespace: "price", name: "tax", argument: 0 });
  expect(callBehind("price::tax(e.record)")).toMatchObject({ name: "next_number" });
  expect(callBehind("e.record.number")).toBeNull();
  expect(callBehind("fn next_number(")).toBeNull();
  expect(callAt("a(b[1, 2], ", 11)).toMatchObject({ name: "a", argument: 1 });
  expect(callAt("app.save(", 9)).toEqual({ namespace: "", name: "save", argument: 1 });
  expect(callAt("a(b; ", 5)).toBeNull();
});
