import { expect, test } from "vitest";
import type { Collection, Field } from "@/api/types";
import { chooseColumn, guessMapping, importableFields, prepare, readTable, wantedRecords } from "./import-model";

const common = { system: false, hidden: false, presentable: false, help: "", required: false };
const fields: Field[] = [
  {
    ...common,
    id: "1",
    name: "title",
    type: "text",
    min: 0,
    max: 0,
    pattern: "",
    autogeneratePattern: "",
    primaryKey: false,
    required: true,
  },
  { ...common, id: "2", name: "price", type: "number", min: null, max: null, onlyInt: false },
  { ...common, id: "3", name: "tags", type: "select", values: ["new", "eco"], maxSelect: 2 },
  { ...common, id: "4", name: "launch", type: "date", min: "", max: "" },
  { ...common, id: "5", name: "meta", type: "json", maxSize: 0 },
  { ...common, id: "6", name: "active", type: "bool" },
  { ...common, id: "7", name: "created", type: "autodate", onCreate: true, onUpdate: false },
];
const collection: Collection = {
  id: "c",
  name: "products",
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
};

test("a csv is mapped by name and checked line by line", () => {
  const read = readTable(
    'Title,PRICE,tags,launch,meta\nOak,1.5,"new,eco",2026-03-01T09:30:00Z,"{""a"":1}"\n,x,blue,never,{\n',
  );
  expect(read.ok).toBe(true);
  if (!read.ok) return;
  const mapping = guessMapping(read.table.columns, importableFields(collection));
  expect(mapping).toEqual({ Title: "title", PRICE: "price", tags: "tags", launch: "launch", meta: "meta" });
  const { bodies, problems } = prepare(read.table, mapping, collection, { zone: "utc" });
  expect(bodies).toEqual([
    {
      line: 2,
      body: { title: "Oak", price: 1.5, tags: ["new", "eco"], launch: "2026-03-01 09:30:00.000Z", meta: { a: 1 } },
    },
  ]);
  expect(problems).toEqual([
    {
      line: 3,
      message:
        "price: “x” is not a number; tags: “blue” is none of the choices; launch: “never” is not a date like 2026-03-31 or 2026-03-31 14:05; meta: not valid JSON; title: is required",
    },
  ]);
});

test.each([
  ['{"title":"a"}\n{"title":"b","price":2}', ["title", "price"], 2],
  ['[{"title":"a"}]', ["title"], 1],
])("%s is read", (text, columns, rows) => {
  const read = readTable(text);
  expect(read.ok && read.table.columns).toEqual(columns);
  expect(read.ok && read.table.rows).toHaveLength(rows);
});

test.each(["", "[1]", "{broken", "only,a,head"])("%s is refused", (text) => {
  expect(readTable(text).ok).toBe(false);
});

test("rows are known by their place in the file, and a bool is not guessed", () => {
  const read = readTable('title,active\n\n"two\nlines",Yes\r\nlast,maybe\n');
  expect(read.ok).toBe(true);
  if (!read.ok) return;
  const { bodies, problems } = prepare(read.table, { title: "title", active: "active" }, collection, { zone: "utc" });
  expect(bodies).toEqual([{ line: 3, body: { title: "two\nlines", active: true } }]);
  expect(problems).toEqual([{ line: 5, message: "active: “maybe” is neither true nor false" }]);
});

test("a field is filled by one column, and never by what the server sets", () => {
  const fillable = importableFields(collection);
  expect(guessMapping(["Title", "title", "TITLE", "created"], fillable)).toEqual({
    Title: "",
    title: "title",
    TITLE: "",
    created: "",
  });
  expect(chooseColumn({ a: "title", b: "price" }, "b", "title")).toEqual({ a: "", b: "title" });
  expect(chooseColumn({ a: "", b: "price" }, "b", "")).toEqual({ a: "", b: "" });
});

test("columns are told apart, and texts are what they were before they were made safe for spreadsheets", () => {
  const read = readTable("name,name,\n'-5 °C,'quoted',x\n");
  expect(read.ok && read.table.rows).toEqual([{ name: "-5 °C", "name (2)": "'quoted'", "column 3": "x" }]);
});

test("a date or a number that could be another one is not guessed", () => {
  const read = readTable(
    "title;price;launch\nOak;12,50;2026-03-01 09:30Z\nElm;1.250;03/04/2026\nAsh;1.250,75;2026-3-1\nFir;1,5;Lamp 12\n",
  );
  expect(read.ok).toBe(true);
  if (!read.ok) return;
  const mapping = guessMapping(read.table.columns, fields);
  const { bodies, problems } = prepare(read.table, mapping, collection, { zone: "utc" });
  expect(bodies.map(({ body }) => [body["price"], body["launch"]])).toEqual([
    [12.5, "2026-03-01 09:30:00.000Z"],
    [1250.75, "2026-03-01 00:00:00.000Z"],
  ]);
  const like = "is not a date like 2026-03-31 or 2026-03-31 14:05";
  expect(problems).toEqual([
    { line: 3, message: `price: “1.250” can be 1250 or 1.25; launch: “03/04/2026” ${like}` },
    { line: 5, message: `launch: “Lamp 12” ${like}` },
  ]);
});

test("numbers of a program stay what they are", () => {
  const read = readTable('[{"title":"a","price":1.25},{"title":"b","price":"1.250"}]');
  expect(read.ok).toBe(true);
  if (!read.ok) return;
  const { bodies } = prepare(read.table, { title: "title", price: "price" }, collection, { zone: "utc" });
  expect(bodies.map(({ body }) => body["price"])).toEqual([1.25, 1.25]);
});

const related = (name: string, collectionId: string, maxSelect: number): Field => ({
  ...common,
  id: name,
  name,
  type: "relation",
  collectionId,
  cascadeDelete: false,
  minSelect: 0,
  maxSelect,
});

test("records are referred to by what they are called, and only by what is called so alone", () => {
  const shelf: Collection = {
    ...collection,
    fields: [...fields, related("category", "k", 1), related("others", "k", 3), related("parent", "c", 1)],
  };
  const read = readTable(
    'id,title,category,others,parent\na1,Oak,Lamps,"Lamps,Tables",\na2,Elm,Lamp,,a1\na3,Ash,Chairs,,zz\n',
  );
  expect(read.ok).toBe(true);
  if (!read.ok) return;
  const mapping = { title: "title", category: "category", others: "others", parent: "parent" };
  const wanted = wantedRecords(read.table, mapping, shelf);
  expect(wanted).toEqual({ k: ["Lamps", "Lamp", "Chairs", "Tables"], c: ["zz"] });
  const named = new Map([
    [
      "k",
      new Map([
        ["Lamps", ["l"]],
        ["Lamp", []],
        ["Chairs", ["c1", "c2"]],
        ["Tables", ["t"]],
      ]),
    ],
    ["c", new Map([["zz", ["zz"]]])],
  ]);
  const { bodies, problems } = prepare(read.table, mapping, shelf, { zone: "utc", named });
  expect(bodies).toEqual([{ line: 2, body: { title: "Oak", category: "l", others: ["l", "t"], parent: "" } }]);
  expect(problems).toEqual([
    { line: 3, message: "category: no record is called “Lamp”" },
    { line: 4, message: "category: 2 records are called “Chairs”" },
  ]);
});

test.each([
  ['{"page":1,"items":[{"title":"a"},{"title":"b"}]}', 2],
  ['{\n  "title": "a",\n  "meta": {}\n}', 1],
])("the list in %s is found", (text, rows) => {
  const read = readTable(text);
  expect(read.ok && read.table.rows).toHaveLength(rows);
});

test("a choice may be written in another case where that leaves no doubt", () => {
  const states = {
    ...common,
    id: "8",
    name: "state",
    type: "select" as const,
    values: ["Open", "a", "A"],
    maxSelect: 1,
  };
  const read = readTable("title,state\nx,OPEN\ny,open\nz,A\nw,Á\n");
  expect(read.ok).toBe(true);
  if (!read.ok) return;
  const mapping = { title: "title", state: "state" };
  const { bodies, problems, respelt } = prepare(
    read.table,
    mapping,
    { ...collection, fields: [...fields, states] },
    { zone: "utc" },
  );
  expect(bodies.map(({ body }) => body["state"])).toEqual(["Open", "Open", "A"]);
  expect(respelt).toEqual([
    { field: "state", from: "OPEN", to: "Open" },
    { field: "state", from: "open", to: "Open" },
  ]);
  expect(problems).toEqual([{ line: 5, message: "state: “Á” is none of the choices" }]);
});
