import { expect, test } from "vitest";
import type { Collection } from "@/api/types";
import { accessOf, applies, toMarkdown } from "./model";

const shop: Collection = {
  id: "c1",
  name: "shop",
  type: "base",
  system: false,
  fields: [],
  indexes: [],
  created: "",
  updated: "",
  listRule: "",
  viewRule: 'a = "x" || b = 1',
  createRule: null,
  updateRule: null,
  deleteRule: null,
};

test("a rule has three states, and the matrix says which", () => {
  expect([accessOf(null), accessOf(""), accessOf("a = 1")]).toEqual(["locked", "everyone", "custom"]);
  expect(toMarkdown([shop]).split("\n")[2]).toBe(
    '| shop | **everyone** | `a = "x" \\|\\| b = 1` | superusers | superusers | superusers | — |',
  );
});

test("views have no rules for writing, and only accounts are managed", () => {
  expect(applies({ ...shop, type: "view" }, "createRule")).toBe(false);
  expect(applies(shop, "manageRule")).toBe(false);
  expect(applies({ ...shop, type: "auth" }, "manageRule")).toBe(true);
});
