import { expect, test } from "vitest";
import { diffLines, hunks } from "./line-diff";

test("a difference is as small as it can be, and both texts can be read from it", () => {
  const before = "a\nb\nc\nd\ne";
  const after = "a\nx\nc\ne\nf";
  const lines = diffLines(before, after);
  const side = (skip: string) =>
    lines
      .filter((line) => line.sign !== skip)
      .map((line) => line.text)
      .join("\n");
  expect(side("+")).toBe(before);
  expect(side("−")).toBe(after);
  expect(lines.filter((line) => line.sign === " ").map((line) => line.text)).toEqual(["a", "c", "e"]);
  expect(diffLines("same", "same")).toEqual([{ sign: " ", text: "same" }]);
});

test("what did not change is left out, except around what did", () => {
  const text = Array.from({ length: 30 }, (_, n) => String(n)).join("\n");
  const shown = hunks(diffLines(text, text.replace("15", "x")), 2);
  expect(shown[0]).toBeNull();
  expect(shown.filter((line) => line !== null)).toHaveLength(6);
});
