import { expect, test } from "vitest";
import type { Collection } from "@/api/types";
import { groupsOf, rowsOf } from "./tree-model";

function collection(name: string, system = false): Collection {
  return {
    id: `id ${name}`,
    name,
    type: "base",
    system,
    created: "",
    updated: "",
    fields: [],
    indexes: [],
    listRule: null,
    viewRule: null,
    createRule: null,
    updateRule: null,
    deleteRule: null,
  };
}

test("every row says where it stands, and a folder may be called like a group of ours", () => {
  const all = [collection("a"), collection("b"), collection("c"), collection("d"), collection("_s", true)];
  const folders = { "id a": "System", "id b": "Favourites" };
  const groups = groupsOf(all, folders, ["Favourites", "System"], ["id c"]);
  const rows = rowsOf(groups, ({ id }) => id !== "system");
  expect(
    rows.map(({ group, collection: of, level, at, of: size }) => [of?.name ?? group.label, level, at, size]),
  ).toEqual([
    ["Favourites", 1, 1, 5],
    ["c", 2, 1, 1],
    ["Favourites", 1, 2, 5],
    ["b", 2, 1, 1],
    ["System", 1, 3, 5],
    ["a", 2, 1, 1],
    ["d", 1, 4, 5],
    ["System", 1, 5, 5],
  ]);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
});
