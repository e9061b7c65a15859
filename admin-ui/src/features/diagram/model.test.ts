import { expect, test } from "vitest";
import type { Collection, Field, RelationField } from "@/api/types";
import { cardinality, curve, edgesOf, layout, neighbours, toMermaid } from "./model";

const common = { system: false, hidden: false, presentable: false, help: "", required: false };

function relation(name: string, collectionId: string, maxSelect = 1): RelationField {
  return { ...common, id: name, name, type: "relation", collectionId, cascadeDelete: false, minSelect: 0, maxSelect };
}

function collection(name: string, fields: Field[], indexes: string[] = []): Collection {
  return {
    id: name,
    name,
    type: "base",
    system: false,
    created: "",
    updated: "",
    fields,
    indexes,
    listRule: null,
    viewRule: null,
    createRule: null,
    updateRule: null,
    deleteRule: null,
  };
}

const users = collection("users", []);
const posts = collection("posts", [relation("author", "users"), relation("parent", "posts")]);
const likes = collection("likes", [relation("post", "posts"), relation("by", "users", 5)]);
const all = [users, posts, likes];

test("what points at something stands to its left, and circles do no harm", () => {
  const at = layout(all);
  expect(at["likes"]?.x).toBeLessThan(at["posts"]?.x ?? 0);
  expect(at["posts"]?.x).toBeLessThan(at["users"]?.x ?? 0);
  const round = layout([collection("a", [relation("b", "b")]), collection("b", [relation("a", "a")])]);
  expect(Object.keys(round)).toHaveLength(2);
  expect(curve(edgesOf(all)[0] ?? expect.fail("no edge"), at)?.path).toMatch(/^M /);
});

test("relations say how many", () => {
  const edges = edgesOf(all);
  expect(edges.map((edge) => cardinality(edge))).toEqual(["n:1", "n:1", "n:1", "n:m"]);
  const one = collection("cards", [relation("user", "users")], ["CREATE UNIQUE INDEX i ON cards (`user`)"]);
  expect(cardinality(edgesOf([users, one])[0] ?? expect.fail("no edge"))).toBe("1:1");
  expect([...neighbours("posts", edges)].toSorted()).toEqual(["likes", "posts", "users"]);
  expect(toMermaid(all)).toContain("likes }o--o{ users : by");
});
