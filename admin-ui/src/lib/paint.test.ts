import { expect, test } from "vitest";
import { piecesOf } from "./paint";

test("a text is cut where its look changes, and what overlaps is joined", () => {
  const spans = [
    { from: 0, to: 4, className: "a" },
    { from: 2, to: 6, className: "b" },
    { from: 7, to: 30, className: "c" },
    { from: 3, to: 3, className: "none" },
  ];
  const pieces = piecesOf("0123456789", spans);
  expect(pieces.map((piece) => [piece.text, piece.className])).toEqual([
    ["01", "a"],
    ["23", "a b"],
    ["45", "b"],
    ["6", ""],
    ["789", "c"],
  ]);
  expect(piecesOf("", spans)).toEqual([]);
});
