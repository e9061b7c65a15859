import { expect, test } from "vitest";
import type { Collection, Field } from "@/api/types";
import { withLosses } from "./losses";
import { carriedOver } from "./retype";
import { placeWords, sideWords } from "./wanted";

const flag = (name: string, system = false): Field => ({
  id: name,
  name,
  type: "bool",
  system,
  hidden: false,
  presentable: false,
  help: "",
  required: false,
});
const start = (type: Collection["type"], fields: Field[], rest: Partial<Collection> = {}): Collection => ({
  id: "",
  name: "",
  type,
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

const base = start("base", [flag("id", true)]);
const auth = start("auth", [flag("id", true), flag("verified", true)], {
  authRule: "",
  indexes: ["CREATE UNIQUE INDEX `i1` ON `` (`verified`)"],
});
const view = start("view", [], { viewQuery: "" });

test("name, fields, rules and indexes of one's own go along to another type and back", () => {
  const index = "CREATE INDEX `i2` ON `` (`done` DESC)";
  const mine = { ...base, name: "tasks", fields: [flag("id", true), flag("done")], listRule: "", indexes: [index] };
  const asAuth = carriedOver({ from: base, mine, to: auth, before: {} });
  expect(asAuth).toMatchObject({ name: "tasks", type: "auth", listRule: "", viewRule: null, authRule: "" });
  expect(asAuth.fields.map((field) => field.name)).toEqual(["id", "verified", "done"]);
  expect(asAuth.indexes).toEqual([...auth.indexes, index]);
  const again = carriedOver({ from: auth, mine: { ...asAuth, name: "jobs" }, to: base, before: { base: mine } });
  expect(again).toEqual({ ...mine, name: "jobs" });
});

test("a view has no fields, and gives back those of before", () => {
  const mine = { ...base, name: "tasks", fields: [flag("id", true), flag("done")] };
  const asView = carriedOver({ from: base, mine, to: view, before: {} });
  expect(asView).toEqual({ ...view, name: "tasks" });
  const query = { ...asView, viewQuery: "SELECT 1" };
  expect(carriedOver({ from: view, mine: query, to: base, before: { base: mine } })).toEqual(mine);
});

const loss = (field: string) => ({ kind: "field" as const, collection: "tasks", field, values: 3 });

test("what the server counts as lost is named, and once", () => {
  const known = { key: "-done", sign: "−" as const, text: "Remove field done" };
  const said = withLosses([known], [loss("done"), loss("fromB")]).map((change) => change.text);
  expect(said).toEqual(["Remove field done", "Remove field fromB"]);
});

test("places both changed are said in words", () => {
  expect(["fields.price.maxSelect", "fields.price", "listRule"].map(placeWords)).toEqual([
    "max select of the field price",
    "Field price",
    "list rule",
  ]);
  const field = { id: "x", name: "price", type: "number", max: 9, min: null, help: "", hidden: false };
  expect([field, undefined, ""].map(sideWords)).toEqual(["name: price, type: number, max: 9", "removed", "empty"]);
});
