import { expect, test } from "vitest";
import { formatBytes } from "./bytes";
import { equal } from "./equal";
import { htmlToText, normalHtml, safeHref, tightLists } from "./html";
import { columnName, formatIndex, parseIndex, renameColumn } from "./indexes";
import { checkJson, firstError } from "./json";
import { strengthOf } from "./password";
import { closest, count, listWords } from "./words";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1536, "1.5 kB"],
  [5_242_880, "5 MB"],
  [52_428_800, "50 MB"],
])("%d bytes", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("values are compared by content", () => {
  expect(equal({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBe(true);
  expect(equal({ a: 1 }, { a: 1, b: undefined })).toBe(false);
  expect(equal([], {})).toBe(false);
});

test("text of a piece of HTML", () => {
  expect(htmlToText("<p>A &amp; <b>b</b></p><script>x</script><ul><li>c</li></ul>")).toBe("A & b c");
});

test("lists are the same with and without paragraphs", () => {
  expect(tightLists("<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>")).toBe(
    "<ul><li>a</li><li><p>b</p><p>c</p></li></ul>",
  );
  expect(normalHtml('<p class="x"> a b </p>')).toBe('<p class="x">a b</p>');
  expect(normalHtml("<ul>\n<li><p>a</p></li></ul>")).toBe(normalHtml("<ul><li>a</li></ul>"));
});

test.each([
  ["https://a.b", "https://a.b"],
  ["a.b/c", "https://a.b/c"],
  ["javascript:alert(1)", null],
  ["data:text/html,x", null],
])("%s as a link", (url, href) => {
  expect(safeHref(url)).toBe(href);
});

test.each([
  "CREATE INDEX `i` ON `products` (`price` DESC, lower(`title`))",
  "CREATE UNIQUE INDEX `i` ON `products` (`title` COLLATE NOCASE, coalesce(`a`, 'x,y'))",
  "CREATE INDEX `i` ON `products` (`title`, `price` COLLATE RTRIM ASC) WHERE `price` > 0",
])("an index keeps what is more than a name: %s", (sql) => {
  const parts = parseIndex(sql);
  expect(parts?.columns).toHaveLength(2);
  expect(parts && formatIndex(parts)).toBe(sql);
});

test("a column is known by its field, an expression is none", () => {
  const columns = ["price", "`price` DESC", "[price] COLLATE NOCASE", '"price" collate `nocase` asc', "lower(`price`)"];
  expect(columns.map(columnName)).toEqual(["price", "price", "price", "price", null]);
  expect(renameColumn("CREATE INDEX `i` ON `p` (`price` DESC, lower(`price`))", "price", "cost")).toBe(
    "CREATE INDEX `i` ON `p` (`cost` DESC, lower(`cost`))",
  );
});

test("an index is read and written", () => {
  const sql = "CREATE UNIQUE INDEX `idx_a` ON `posts` (`title`, `lang`) WHERE `title` != ''";
  const parts = parseIndex(sql);
  expect(parts).toEqual({
    name: "idx_a",
    unique: true,
    table: "posts",
    columns: ["title", "lang"],
    where: "`title` != ''",
  });
  expect(parts && formatIndex(parts)).toBe(sql);
  expect(renameColumn(sql, "title", "name")).toBe(
    "CREATE UNIQUE INDEX `idx_a` ON `posts` (`name`, `lang`) WHERE `name` != ''",
  );
  expect(parseIndex("create table x")).toBeNull();
});

test("bad JSON says where", () => {
  expect(checkJson('{"a":1}')).toEqual({ ok: true, value: { a: 1 } });
  expect(checkJson("  ")).toEqual({ ok: true, value: null });
  expect(checkJson('{\n  "a": x\n}')).toEqual({ ok: false, message: "Not valid JSON at line 2, column 8." });
});

test.each([
  ["{a", 1],
  ['{"a":1,}', 7],
  ["[1 2]", 3],
  ["[1,", 3],
  ["01", 0],
  ['{"a" 1}', 5],
  ["1 2", 2],
  ['"open', 0],
])("%s is wrong at %d", (text, at) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(firstError(text)).toBe(at);
});

test("words", () => {
  expect(count(1, "record")).toBe("1 record");
  expect(count(1200, "record")).toMatch(/^1.200 records$/);
  expect(listWords(["a", "b", "c"])).toBe("a, b and c");
  expect(closest("prise", ["title", "price"])).toBe("price");
  expect(closest("xyz", ["title", "price"])).toBeNull();
});

test("length makes a password strong", () => {
  expect(strengthOf("short").score).toBe(0);
  expect(strengthOf("aaaaaaaaaaaaaaaaaaaa").score).toBe(1);
  expect(strengthOf("correct horse battery").score).toBe(3);
});

test("what a writer would not notice makes no difference", () => {
  expect(normalHtml('<p><a href="x" target="_blank">a</a> <b>b</b><br/></p>')).toBe(
    normalHtml('<p><a target="_blank" href="x">a</a> <strong>b</strong><br></p>'),
  );
  expect(normalHtml('<p class="b">a</p>')).not.toBe(normalHtml("<p>a</p>"));
});
