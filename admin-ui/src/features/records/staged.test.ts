import { expect, test } from "vitest";
import type { RecordRow } from "@/api/types";
import { changesOfPatches, fromText, stage, stillToSave, withoutChanges } from "./staged";

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
  const bases = new Map([["a", row]]);
  expect(stillToSave(then, then, saved, bases)).toEqual({});
  expect(stillToSave({ a: { price: 3, tags: ["y"] }, b: { price: 1 } }, then, saved, bases)).toEqual({
    a: { price: 3 },
    b: { price: 1 },
  });
});

test("a cell that was set back while it was being saved is to be saved as it was", () => {
  const then = { a: { price: 2, tags: ["y"] } };
  const bases = new Map([["a", row]]);
  expect(stillToSave(stage(then, row, "price", 1), then, then, bases)).toEqual({ a: { price: 1 } });
  expect(stillToSave({}, then, then, bases)).toEqual({ a: { price: 1, tags: ["x"] } });
  // What was thrown away has nothing it could go back to.
  expect(stillToSave({}, then, then, new Map())).toEqual({});
});

test.each([
  ["number", "1,5", 1.5],
  ["number", "", 0],
  ["number", "x", undefined],
  ["text", " x ", " x "],
])("%s %j", (type, text, value) => {
  expect(fromText(type, text)).toBe(value);
});
