import { expect, test } from "vitest";
import { completeRhai, describeAt, placeAt, type Known } from "./editor";
import { lexRhai } from "./lex";

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
