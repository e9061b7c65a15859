import { expect, test } from "vitest";
import type { Collection, Field } from "@/api/types";
import { impactOf } from "./impact";
import { renameInView } from "./view-rename";

const common = { system: false, hidden: false, presentable: false, help: "", required: false };
const flag = (id: string, name: string): Field => ({ ...common, id, name, type: "bool" });
const relation = (id: string, name: string, collectionId: string): Field => ({
  ...common,
  id,
  name,
  type: "relation",
  collectionId,
  cascadeDelete: false,
  minSelect: 0,
  maxSelect: 1,
});
const collection = (id: string, name: string, fields: Field[], rest: Partial<Collection> = {}): Collection => ({
  id,
  name,
  type: "base",
  system: false,
  created: "",
  updated: "",
  fields,
  indexes: [],
  listRule: null,
  viewRule: null,
  createRule: null,
  updateRule: null,
  deleteRule: null,
  ...rest,
});

const products = collection("p", "products", [flag("t", "title"), flag("m", "manual"), relation("o", "owner", "u")], {
  listRule: 'title != "title" && owner.name = title:lower',
  createRule: "@request.body.title:isset = true",
});
const users = collection("u", "users", [flag("n", "name")], {
  type: "auth",
  viewRule: "products_via_owner.title ?= true",
});
const orders = collection("o", "orders", [relation("i", "item", "p"), flag("t2", "title")], {
  listRule: "item.title = title && item.owner.name = 1",
  updateRule: "@collection.products.manual = true",
  deleteRule: "title = 1",
});
const sales = collection("s", "sales", [], {
  type: "view",
  viewQuery: "SELECT p.id, p.title, count(title) as title FROM products p WHERE p.title != ''",
});
const all = [products, users, orders, sales];

test("a renamed field is followed through relations, back-relations, bodies and views", () => {
  const draft = {
    ...products,
    fields: products.fields.map((field) => (field.id === "t" ? { ...field, name: "label" } : field)),
  };
  expect(impactOf(products, draft, all).map(({ id, after }) => [id, after])).toEqual([
    ["p listRule", 'label != "title" && owner.name = label:lower'],
    ["p createRule", "@request.body.label:isset = true"],
    ["u viewRule", "products_via_owner.label ?= true"],
    ["o listRule", "item.label = title && item.owner.name = 1"],
    ["s view", "SELECT p.id, p.label AS title, count(label) as title FROM products p WHERE p.label != ''"],
  ]);
});

test("a removed field leaves what only a person can mend", () => {
  const draft = { ...products, fields: products.fields.filter((field) => field.id !== "m") };
  expect(impactOf(products, draft, all)).toEqual([
    {
      id: "o updateRule",
      collection: orders,
      key: "updateRule",
      before: "@collection.products.manual = true",
      after: null,
      names: "manual",
    },
  ]);
});

test("a renamed collection is named in rules and views", () => {
  const found = impactOf(products, { ...products, name: "goods" }, all);
  expect(found.map(({ id, after }) => [id, after])).toEqual([
    ["u viewRule", "goods_via_owner.title ?= true"],
    ["o updateRule", "@collection.goods.manual = true"],
    ["s view", "SELECT p.id, p.title, count(title) as title FROM goods p WHERE p.title != ''"],
  ]);
});

test("nothing is found where nothing was renamed", () => {
  expect(impactOf(products, { ...products, listRule: "" }, all)).toEqual([]);
  expect(
    renameInView("select 1 as title", "products", {
      renamed: new Map([["title", "x"]]),
      removed: new Set(),
      name: null,
    }),
  ).toBeNull();
});
