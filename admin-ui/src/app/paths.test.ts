import { expect, test } from "vitest";
import { aliasOf, collectionHref, emptySearch, parseSearch, readSearch, settingsAlias, stringifySearch } from "./paths";

test("search parameters are plain text both ways", () => {
  const search = { ...emptySearch, filter: 'a = "b & c" || d ~ 1', sort: "-created" };
  expect(readSearch(parseSearch(stringifySearch(search)))).toEqual(search);
  expect(stringifySearch(emptySearch)).toBe("");
});

test("a link to a record", () => {
  expect(collectionHref("posts", { ...emptySearch, record: "abc" })).toBe("#/collections/posts?record=abc");
});

test("dashboard links of other servers lead to the same place", () => {
  const found = aliasOf("/collections", { collection: "posts", filter: "a=1", record: "x" });
  expect(found).toEqual({ path: "/collections/posts", search: { ...emptySearch, filter: "a=1", record: "x" } });
  expect(aliasOf("/collections", {})).toBeNull();
  expect(settingsAlias("crons")).toBe("/jobs");
  expect(settingsAlias("export-collections")).toBe("/settings/schema-sync");
  expect(settingsAlias("mail")).toBeNull();
});
