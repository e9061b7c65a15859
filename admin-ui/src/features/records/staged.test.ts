import { expect, test } from "vitest";
import type { RecordRow } from "@/api/types";
import { changesOfPatches, fromText, stage, withoutChanges, withoutSaved } from "./staged";

const row: RecordRow = { id: "a", collectionId: "c", collectionName: "c", price: 1, tags: ["x"] };

test("edits are kept by record and field, and going back leaves nothing", () => {
  const one = stage({}, row, "price", 2);
  const two = stage(one, row, "tags", ["x", "y"]);
  expect(two).toEqual({ a: { price: 2, tags: ["x", "y"] } });
  expect(stage(two, row, "tags", ["x"])).toEqual({ a: { price: 2 } });
  expect(stage(one, row, "price", 1)).toEqual({});
  expect(changesOfPatches(one, new Map([["a", row]]))).toEqual([{ id: "a", field: "price", before: 1, after: 2 }]);
  expect(withoutChanges(two, new Set(["a price"]))).toEqual({ a: { tags: ["x", "y"] } });
});

test("a cell that was changed again while it was being saved is still to be saved", () => {
  const then = { a: { price: 2, tags: ["y"] } };
  const saved = { a: { price: 2, tags: ["theirs"] } };
  expect(withoutSaved(then, then, saved)).toEqual({});
  expect(withoutSaved({ a: { price: 3, tags: ["y"] }, b: { price: 1 } }, then, saved)).toEqual({
    a: { price: 3 },
    b: { price: 1 },
  });
});

test.each([
  ["number", "1,5", 1.5],
  ["number", "", 0],
  ["number", "x", undefined],
  ["text", " x ", " x "],
])("%s %j", (type, text, value) => {
  expect(fromText(type, text)).toBe(value);
});
