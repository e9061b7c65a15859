import { describe, expect, test } from "vitest";
import { changesIn, mergeDeep } from "./merge-deep";

const field = (id: string, name: string, max = 0, help = "") => ({ id, name, max, help });
type Field = ReturnType<typeof field>;
const fields = (...all: Field[]) => ({ fields: all });
const [title, price] = [field("t", "title"), field("p", "price")];

describe("mergeDeep", () => {
  test("what both added is kept, each where it was put", () => {
    const mine = fields(title, field("a", "fromA"), price);
    const theirs = fields(field("b", "fromB"), title, price, field("c", "last"));
    expect(mergeDeep(fields(title, price), mine, theirs)).toEqual({
      value: fields(field("b", "fromB"), title, field("a", "fromA"), price, field("c", "last")),
      conflicts: [],
    });
  });

  test("different options of one field, and of another", () => {
    const mine = fields(title, field("p", "price", 0, "In euro"));
    const theirs = fields(field("t", "title", 80), field("p", "price", 5));
    expect(mergeDeep(fields(title, price), mine, theirs)).toEqual({
      value: fields(field("t", "title", 80), field("p", "price", 5, "In euro")),
      conflicts: [],
    });
  });

  test("what one side removed is gone, unless the other changed it", () => {
    expect(mergeDeep(fields(title, price), fields(title), fields(title, price)).value).toEqual(fields(title));
    expect(mergeDeep(fields(title, price), fields(title, price), fields(price)).value).toEqual(fields(price));
    const changed = field("p", "price", 9);
    const { value, conflicts } = mergeDeep(fields(title, price), fields(title), fields(title, changed));
    expect(conflicts).toEqual([{ key: "fields.price", base: price, mine: undefined, theirs: changed }]);
    expect(value).toEqual(fields(title));
  });

  test("an order that I changed stays, one that they changed comes", () => {
    const other = field("o", "other");
    expect(mergeDeep(fields(title, price), fields(price, title), fields(title, price, other)).value).toEqual(
      fields(price, other, title),
    );
    expect(mergeDeep(fields(title, price), fields(title, price, other), fields(price, title)).value).toEqual(
      fields(price, other, title),
    );
  });

  test("a place both changed is asked about, and has what was chosen", () => {
    const [base, mine, theirs] = [fields(price), fields(field("p", "price", 1)), fields(field("p", "price", 2))];
    const asked = mergeDeep(base, mine, theirs);
    expect(asked.conflicts).toEqual([{ key: "fields.price.max", base: 0, mine: 1, theirs: 2 }]);
    expect(asked.value).toEqual(mine);
    expect(mergeDeep(base, mine, theirs, { "fields.price.max": "theirs" }).value).toEqual(theirs);
  });

  test("plain lists merge as sets, others as a whole", () => {
    const sets = mergeDeep({ ips: ["a"] }, { ips: ["a", "b"] }, { ips: ["a", "c"] });
    expect(sets).toEqual({ value: { ips: ["a", "b", "c"] }, conflicts: [] });
    const rules = mergeDeep({ rules: [{ n: 1 }] }, { rules: [{ n: 2 }] }, { rules: [{ n: 3 }] });
    expect(rules.conflicts.map(({ key }) => key)).toEqual(["rules"]);
  });

  test("a secret that is only ever sent is mine", () => {
    const smtp: { smtp: { host: string; password?: string } } = { smtp: { host: "a" } };
    const { value } = mergeDeep(smtp, { smtp: { host: "a", password: "x" } }, { smtp: { host: "b" } });
    expect(value).toEqual({ smtp: { host: "b", password: "x" } });
  });
});

test("only members that differ are changes", () => {
  const before = { meta: { appName: "A", senderName: "S" }, rateLimits: { enabled: true, rules: [1, 2] } };
  const after = { meta: { appName: "A", senderName: "T" }, rateLimits: { enabled: true, rules: [2] } };
  expect(changesIn(before, after)).toEqual({ meta: { senderName: "T" }, rateLimits: { rules: [2] } });
});
