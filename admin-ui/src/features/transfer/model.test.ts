import { expect, test } from "vitest";
import type { Collection, Field } from "@/api/types";
import { planImport, readSchema } from "./model";

const field = (id: string, name: string): Field => ({
  id,
  name,
  type: "bool",
  system: false,
  hidden: false,
  presentable: false,
  help: "",
  required: false,
});
const collection = (id: string, name: string, fields: Field[], system = false): Collection => ({
  id,
  name,
  type: "base",
  system,
  created: "",
  updated: "",
  fields,
  indexes: [],
  listRule: null,
  viewRule: null,
  createRule: null,
  updateRule: null,
  deleteRule: null,
});
const diff = (base: Collection, draft: Collection) =>
  JSON.stringify(base) === JSON.stringify(draft)
    ? []
    : [{ key: "x", text: `${base.fields.length} → ${draft.fields.length}` }];

test("a plan matches by id, then by name, and keeps what the file does not have", () => {
  const now = [
    collection("1", "posts", [field("a", "live"), field("b", "old")]),
    collection("2", "tags", [field("c", "x")]),
    collection("3", "_sys", [], true),
    collection("4", "extra", []),
  ];
  const plan = planImport(
    now,
    [
      { id: "1", name: "posts", fields: [field("a", "live"), field("n", "fresh")] },
      { id: "other", name: "tags", fields: [field("zz", "x")] },
      { name: "brand_new", fields: [field("q", "q")] },
    ],
    diff,
  );
  expect(plan.added).toEqual([{ name: "brand_new", lines: ["q (bool)"] }]);
  expect(plan.changed).toEqual([{ name: "posts", lines: ["2 → 3"] }]);
  expect(plan.same).toEqual(["tags"]);
  expect(plan.missing.map((item) => item.name)).toEqual(["extra"]);
  expect(plan.missingFields.map((item) => item.fields)).toEqual([["old"]]);
});

test.each([
  ["{", "Not valid JSON at line 1, column 2."],
  ["{}", "A list of collections is expected."],
  ["[]", "The list is empty."],
  ['[{"name":"a"},{"id":"x"}]', "Item 2 is not a collection: it has no name."],
])("%s is refused", (text, message) => {
  expect(readSchema(text)).toEqual({ ok: false, message });
});

test("an export or its wrapper is read", () => {
  expect(readSchema('[{"name":"a"}]')).toEqual({ ok: true, collections: [{ name: "a" }] });
  expect(readSchema('{"collections":[{"name":"a"}]}')).toEqual({ ok: true, collections: [{ name: "a" }] });
});
