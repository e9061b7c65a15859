import { expect, test } from "vitest";
import { dirtyKeys, patchOf, rebase, redo, setKey, startDraft, undo } from "./draft";

const base = { title: "Lamp", price: 10, tags: ["a"] };

test("a patch holds only what changed", () => {
  const draft = setKey(startDraft(base), "price", { ...base, price: 12 }, 0);
  expect(dirtyKeys(draft)).toEqual(["price"]);
  expect(patchOf(draft)).toEqual({ price: 12 });
});

test("setting the value back leaves nothing to save", () => {
  const there = setKey(startDraft(base), "price", { ...base, price: 12 }, 0);
  const back = setKey(there, "price", { ...base, price: 10 }, 5000);
  expect(dirtyKeys(back)).toEqual([]);
});

test("typing is one step to undo, a pause starts another", () => {
  let draft = startDraft({ title: "" });
  draft = setKey(draft, "title", { title: "a" }, 0);
  draft = setKey(draft, "title", { title: "ab" }, 100);
  draft = setKey(draft, "title", { title: "abc" }, 5000);
  expect(undo(draft).value.title).toBe("ab");
  expect(undo(undo(draft)).value.title).toBe("");
  expect(redo(undo(draft)).value.title).toBe("abc");
});

test("undo at the start and redo at the end change nothing", () => {
  const draft = startDraft(base);
  expect(undo(draft)).toBe(draft);
  expect(redo(draft)).toBe(draft);
});

test("a rebase keeps mine on top of theirs and names what both changed", () => {
  const draft = setKey(startDraft<Record<string, unknown>>(base), "price", { ...base, price: 12 }, 0);
  const quiet = rebase(draft, { ...base, title: "Desk" });
  expect(quiet.conflicts).toEqual([]);
  expect(quiet.draft.value).toEqual({ ...base, title: "Desk", price: 12 });
  expect(patchOf(quiet.draft)).toEqual({ price: 12 });
  expect(rebase(draft, { ...base, price: 99 }).conflicts).toEqual([{ key: "price", base: 10, mine: 12, theirs: 99 }]);
});
