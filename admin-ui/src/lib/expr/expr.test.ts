import { describe, expect, test } from "vitest";
import { complete, type Known } from "./complete";
import { diagnose } from "./diagnose";
import { isPlainTerm, lex } from "./lex";

const fields: Known[] = [
  { name: "title", detail: "text" },
  { name: "price", detail: "number" },
  { name: "status", detail: "select", values: ["draft", "published"] },
  { name: "active", detail: "bool", values: ["true", "false"] },
  { name: "author", detail: "relation" },
  { name: "created", detail: "autodate" },
];
const names = fields.map((field) => field.name);

test.each([
  ['status = "draft"', "identifier operator text"],
  ["price ?!= -1.5", "identifier operator number"],
  [
    "(a.b:lower ~ 'x' || @now > b) // c",
    "open identifier operator text join identifier operator identifier close comment",
  ],
  ['title = "open', "identifier operator error"],
  ["a $ b", "identifier error identifier"],
  [
    "geoDistance(lon, 1, 2, 3) < 5",
    "identifier open identifier comma number comma number comma number close operator number",
  ],
])("tokens of %s", (source, kinds) => {
  expect(
    lex(source)
      .map((token) => token.kind)
      .join(" "),
  ).toBe(kinds);
});

test("tokens never overlap and cover everything but spaces", () => {
  for (const source of ['a = "b" && c', "🙂 = 1", "'", "((((", "a..b::c", '"\\""', "--1"]) {
    const tokens = lex(source);
    let at = 0;
    for (const token of tokens) {
      expect(source.slice(at, token.from).trim()).toBe("");
      expect(source.slice(token.from, token.to)).toBe(token.text);
      at = token.to;
    }
    expect(source.slice(at).trim()).toBe("");
  }
});

test.each([
  ["lamp", true],
  ["oak lamp", true],
  ["", false],
  ['title ~ "x"', false],
])("%s is a plain term: %s", (source, plain) => {
  expect(isPlainTerm(source)).toBe(plain);
});

describe("diagnose", () => {
  test.each([
    ['status = "draft" && price > 1', null],
    ["author.name ~ 'x' || created > @now", null],
    ["comments_via_post.id != ''", null],
    ["geoDistance(1, 2, 3, 4) < 25 && price = 1", null],
    ["prise > 1", "unknown field prise — did you mean price?"],
    ["zzzzzz > 1", "unknown field zzzzzz"],
    ['title = "x', "this text has no closing quote"],
    ["title = 1 and price = 2", "write && instead of “and”"],
    ["price >", "expected a value at the end"],
    ["price > 1 price", "expected && or || before “price”"],
    ["(price > 1", "a parenthesis is not closed"],
    ["price > 1)", "this parenthesis closes nothing"],
  ])("%s", (source, message) => {
    expect(diagnose(source, names)?.message ?? null).toBe(message);
  });

  test("marks the word and offers the fix", () => {
    expect(diagnose("title = 1 && prise > 1", names)).toMatchObject({ from: 13, to: 18, fix: "price" });
  });
});

const at = (source: string) => complete(source, source.length, fields).options.map((option) => option.insert);

describe("complete", () => {
  test.each([
    ["sta", ["status"]],
    ["status = ", ['"draft"', '"published"']],
    ['status = "dr', ['"draft"']],
    ["active = ", ["true", "false"]],
    ["created > @to", ["@todayStart", "@todayEnd", "@tomorrow"]],
    ["price > 1 && au", ["author"]],
    ["price ", []],
  ])("%s", (source, expected) => {
    expect(at(source)).toEqual(expected);
  });

  test("where there are many collections they are named first, and their fields after that", () => {
    const many: Known[] = Array.from({ length: 20 }, (_, n) =>
      ["id", "title"].map((name) => ({ name: `@collection.shop_${n}.${name}`, detail: "text" })),
    ).flat();
    const inserted = (source: string) => complete(source, source.length, many).options.map((option) => option.insert);
    expect(inserted("@collection.shop_1").slice(0, 2)).toEqual(["@collection.shop_1.", "@collection.shop_10."]);
    expect(inserted("@collection.shop_1")).toHaveLength(11);
    expect(inserted("@collection.shop_1.")).toEqual(["@collection.shop_1.id", "@collection.shop_1.title"]);
  });
});
