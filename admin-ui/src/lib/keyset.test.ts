import { expect, test } from "vitest";
import { allOf, formatSort, keysetSort, literal, parseSort, rangeFilter } from "./keyset";

test("sorts survive the address", () => {
  expect(formatSort(parseSort("-created, +title,id"))).toBe("-created,title,id");
});

test("equal keys are ordered by id in the same direction", () => {
  expect(keysetSort({ field: "created", desc: true })).toBe("-created,-id");
  expect(keysetSort({ field: "id", desc: false })).toBe("id");
});

test("a page lies after one key and not beyond the next", () => {
  const key = { field: "price", desc: false };
  expect(rangeFilter(key, null, null)).toBe("");
  expect(rangeFilter(key, { value: 5, id: "a" }, null)).toBe('(price > 5 || (price = 5 && id > "a"))');
  expect(rangeFilter({ field: "price", desc: true }, null, { value: 5, id: "a" })).toBe(
    '(price > 5 || (price = 5 && id >= "a"))',
  );
  expect(rangeFilter({ field: "id", desc: true }, { value: "m", id: "m" }, { value: "c", id: "c" })).toBe(
    '(id < "m") && (id >= "c")',
  );
});

test.each([
  ['say "hi" \\ there', '"say \\"hi\\" \\\\ there"'],
  [1.5, "1.5"],
  [1e21, '"1e+21"'],
  [true, "true"],
])("literal %s", (value, text) => {
  expect(literal(value)).toBe(text);
});

test("conditions keep their own parentheses", () => {
  expect(allOf(["a = 1 || b = 2", "", "c = 3"])).toBe("(a = 1 || b = 2) && (c = 3)");
  expect(allOf(["a = 1 || b = 2"])).toBe("a = 1 || b = 2");
});
